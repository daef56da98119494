/** The job meta by which a job version tells where it comes from; see docs/architecture.md. Repository, environment and ref are the owner record, see owner.ts. */
export const META = {
  repository: 'nomad_deploy_repository',
  sha: 'nomad_deploy_sha',
  environment: 'nomad_deploy_environment',
  /** Of review apps only: `acme/shop branch fix/7`. */
  ref: 'nomad_deploy_ref',
  run: 'nomad_deploy_run',
  /** SHA-256 of the spec without this meta. */
  spec: 'nomad_deploy_spec',
  /** The version with the same spec that failed, and is tried again. */
  again: 'nomad_deploy_again',
  /** The release whose items of the job's variable this version reads, and the groups and tasks that have a variable of their own. */
  secrets: 'nomad_deploy_secrets',
} as const;
