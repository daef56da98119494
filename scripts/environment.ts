// The environment variables that the action reads besides those of inputs, for docs/reference/environment.md. `npm run docs -- --check` finds one that src/ reads
// and that is not here.

interface Row {
  /** `<NAME>` stands for any name. */
  readonly names: readonly string[];
  readonly meaning: string;
}

export const ENVIRONMENT: Readonly<Record<string, readonly Row[]>> = {
  'Set by the workflow': [
    { names: ['NOMAD_VAR_NO_DEPLOY'], meaning: '`true`: the run does nothing and ends as `skipped`.' },
    { names: ['CI_MAIN_STYLE'], meaning: '`true`: every branch deploys as the main branch does. See docs/environments.md.' },
    { names: ['PRIVATE_REPO'], meaning: '`false`: the nodes need no login to pull the image. See docs/variables.md.' },
    {
      names: ['NOMAD_BIN'],
      meaning: 'Path of the Nomad program, for specs with functions that read files. Default: `nomad` on PATH, else a download.',
    },
    { names: ['NOMAD_RELEASES'], meaning: "Address of a mirror of HashiCorp's releases, for that download." },
    { names: ['SOURCE_DATE_EPOCH'], meaning: 'Date of the image and its files, in seconds since 1970.' },
    {
      names: ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'],
      meaning: 'Proxy between the runner and the servers. See docs/authentication.md.',
    },
    { names: ['SSH_AUTH_SOCK'], meaning: 'The agent of the runner, for `ssh: default` and `nomad-via`.' },
    { names: ['NO_PROXY', 'no_proxy'], meaning: 'Hosts that are reached without a proxy.' },
    { names: ['NODE_EXTRA_CA_CERTS'], meaning: 'File of more certificate authorities, read by Node.' },
    {
      names: [
        'DOCKER_HOST',
        'DOCKER_CONTEXT',
        'DOCKER_CONFIG',
        'DOCKER_TLS_VERIFY',
        'DOCKER_CERT_PATH',
        'DOCKER_API_VERSION',
        'BUILDX_CONFIG',
      ],
      meaning: 'The Docker engine and the configuration of docker and buildx. Docker also gets `BUILDX_<NAME>` and `BUILDKIT_<NAME>`.',
    },
  ],
  'Read by the terminal program': [
    { names: ['NO_COLOR'], meaning: 'Any value: no colours.' },
    { names: ['CLICOLOR_FORCE', 'FORCE_COLOR'], meaning: 'Any value but `0`: colours also where the output is no terminal.' },
    { names: ['XDG_CONFIG_HOME'], meaning: 'The folder for settings, `~/.config` by default: `login` keeps its tokens there.' },
    { names: ['USER', 'USERNAME'], meaning: 'The name of the person where Git has none.' },
    { names: ['GH_TOKEN'], meaning: 'The token for `sweep`, where there is no GITHUB_TOKEN.' },
    { names: ['NOMAD_DEPLOY_TERMINAL'], meaning: 'Set by the program for its own runs.' },
  ],
  'Set by GitHub': [
    {
      names: ['GITHUB_REPOSITORY', 'GITHUB_REF', 'GITHUB_REF_NAME', 'GITHUB_REF_TYPE', 'GITHUB_HEAD_REF', 'GITHUB_SHA'],
      meaning: 'Repository, branch or tag, and commit of the run.',
    },
    {
      names: ['GITHUB_EVENT_NAME', 'GITHUB_EVENT_PATH', 'GITHUB_ACTOR'],
      meaning: 'The event, its payload, and the account that caused it.',
    },
    { names: ['GITHUB_RUN_ID', 'GITHUB_RUN_NUMBER', 'GITHUB_RUN_ATTEMPT'], meaning: 'The workflow run.' },
    { names: ['GITHUB_SERVER_URL', 'GITHUB_API_URL'], meaning: 'The addresses of GitHub.' },
    { names: ['GITHUB_WORKSPACE', 'RUNNER_TEMP', 'RUNNER_TOOL_CACHE', 'HOME', 'PATH'], meaning: 'Folders of the runner.' },
    {
      names: ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY', 'GITHUB_ARTIFACTS', 'STATE_<NAME>'],
      meaning: 'Files and values by which the runner takes outputs, state and the job summary.',
    },
    {
      names: ['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'],
      meaning: 'The way to an ID token, with `permissions: id-token: write`.',
    },
    {
      names: ['ACTIONS_RUNTIME_TOKEN', 'ACTIONS_RESULTS_URL', 'ACTIONS_CACHE_URL', 'ACTIONS_CACHE_SERVICE_V2'],
      meaning: "GitHub's cache service, for caches of the type `gha`.",
    },
  ],
};
