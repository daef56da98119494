/** The checks of `doctor` in their order, and what each looks at. docs/doctor.md has the table. */
export const CHECKS = {
  files: 'The inputs and files of the repository that a deploy reads.',
  address: 'The address of Nomad, and the input or variable that gives it.',
  DNS: 'The name of the address, as the runner looks it up.',
  proxy: 'The proxy between the runner and Nomad, and its answer.',
  connection: 'The connection to the port of the address.',
  TLS: "The certificate: its authority, its name, its days left. The client's certificate, where Nomad wants one.",
  HTTP: 'The answer: that of Nomad and not of another server, and its version of HTTP.',
  latency: 'The time of a request, the middle one of four.',
  clock: 'The clock of the server, by the header `Date`, beside that of the runner.',
  leader: 'The leader of the servers.',
  login: "The login with GitHub's ID token.",
  token: 'The token: known to the cluster, and its expiry.',
  ACL: 'The policies of the token, beside the rights that the features of the configuration need.',
  version: 'The version of Nomad, beside those that are tested: see docs/versions.md.',
  spec: "The job spec: the cluster's parser, the policy, the plan, the owner of the job.",
  namespace: 'The namespace of the job.',
  'node pool': 'The node pool of the job, and its ready nodes.',
  datacenters: 'The datacenters of the job, and their ready nodes.',
  drivers: 'The drivers of the tasks: healthy on how many of these nodes.',
  oversubscription: 'The setting of the scheduler that lets `memory_max` count.',
  Consul: 'The nodes with a Consul agent, where the spec has a service with the provider `consul`, a mesh or a `consul` block.',
  Vault: 'The nodes with Vault, where the spec has a `vault` block.',
  'host volumes': 'The host volumes of the spec: on how many of these nodes.',
  registry:
    'The registries that the runner pushes to or looks an image up in: the answer to `/v2/`, the login, and the image. An image that only a spec names is pulled by nodes alone.',
  pull: 'With `pull`: a node pulls the image, by a batch job that is removed afterwards.',
  builder: 'Docker, buildx and its builder, where the run builds an image.',
  GitHub: 'The token of GitHub, beside the reports that the configuration asks for.',
} as const satisfies Readonly<Record<string, string>>;

export type CheckName = keyof typeof CHECKS;
