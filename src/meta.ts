/** The job meta by which a job version tells where it comes from; see docs/architecture.md. */
export const META = {
  repository: 'nomad_deploy_repository',
  sha: 'nomad_deploy_sha',
  run: 'nomad_deploy_run',
  /** SHA-256 of the spec without this meta. */
  spec: 'nomad_deploy_spec',
  /** The release whose items of the job's variable this version reads. */
  secrets: 'nomad_deploy_secrets',
} as const;
