import { flowList, type Line, mapLines, type Pair } from './lines.ts';

/** The parts of a workflow that differ between repositories. */
export interface WorkflowParts {
  readonly branch: string;
  /** The run pushes an image to ghcr.io. */
  readonly builds: boolean;
  /** Steps before that of the action. */
  readonly steps: readonly Line[];
  readonly inputs: readonly Pair[];
  /** Variables of the spec, and secrets of the container, as environment variables of the step. */
  readonly variables: readonly Pair[];
  readonly secrets: readonly Pair[];
}

/** Returns the lines of a workflow that deploys at each push of a branch. */
export function workflowLines({ branch, builds, steps, inputs, variables, secrets }: WorkflowParts): Line[] {
  const env = [...variables, ...secrets];
  return [
    { text: 'name: Deploy' },
    { text: 'on:' },
    { text: '  push:', why: 'a push of the branch deploys it' },
    {
      text: `    branches: ${flowList([branch])}`,
      why: 'the default branch. `on: push` alone deploys each other branch as a review app (docs/review-apps.md)',
    },
    { text: 'permissions:' },
    { text: '  contents: read', why: 'no job gets more than it names' },
    { text: 'jobs:' },
    { text: '  deploy:' },
    {
      text: '    runs-on: ubuntu-24.04',
      why: 'a runner of GitHub with Docker. For a cluster in a private network, name a runner that reaches it',
    },
    { text: '    permissions:' },
    { text: '      contents: read', why: 'reads the repository' },
    { text: "      id-token: write # logs in to Nomad by GitHub's ID token", why: 'asks GitHub for the ID token of the login' },
    ...(builds ? [{ text: '      packages: write # pushes the image to ghcr.io', why: 'pushes the image' }] : []),
    { text: '    concurrency: deploy # one deployment at a time', why: 'the next run waits for the one before it' },
    { text: '    steps:' },
    { text: '      - uses: actions/checkout@v7', why: 'gets the files' },
    ...steps,
    { text: '      - uses: org/nomad-deploy@v1', why: 'builds, deploys and follows the new version to its end' },
    ...(inputs.length === 0 ? [] : [{ text: '        with:' }, ...mapLines(inputs, 10)]),
    ...(env.length === 0 ? [] : [{ text: '        env:' }, ...mapLines(env, 10)]),
  ];
}
