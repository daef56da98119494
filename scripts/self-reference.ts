// The second reusable workflow, whose commit pins the action, too: `$/` is the repository of the workflow at the commit that runs. The runner knows it since
// 2.336.0, and takes no bare `$/` (PipelineConstants.TryParseSelfRepository of actions/runner), so the action has a second action.yml in a folder.

const FOLDER = '.github/action';
const MADE = '# Made by `npm run docs`; changes here are lost.';

/** Returns the action.yml of `FOLDER`: the same action, which starts the files of the root. Throws when there is no file to start. */
export function actionInFolder(text: string): string {
  const moved = text.replaceAll(/^( {2}(?:main|post): )dist\//gm, `$1${FOLDER.replaceAll(/[^/]+/g, '..')}/dist/`);
  if (moved === text) throw new Error('action.yml starts no file of dist/');
  return `${MADE} deploy-pinned.yml uses it as \`$/${FOLDER}\`; everybody else uses the action.yml of the root.\n${moved}`;
}

/** Returns the reusable workflow with the action of its own commit. Throws when it does not use the action. */
export function pinnedWorkflow(text: string): string {
  const pinned = text.replaceAll(/uses: org\/nomad-deploy@v\d+$/gm, `uses: $/${FOLDER}`);
  if (pinned === text) throw new Error('deploy.yml does not use the action');
  const named = pinned.replace(/^name: .*$/m, '$& (pinned)');
  return `${MADE} deploy.yml with the action of the very commit that the caller names: see docs/reusable-workflow.md#one-commit-for-both.\n${named}`;
}
