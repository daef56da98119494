// The pictures of the tour in the README: the scenes of tour.ts as GitHub and a terminal show them.
import type { ActionResult } from './parts/action.ts';
import type { Nomad } from './parts/nomad.ts';
import { asCheckout, terminalProgram } from './parts/terminal.ts';
import { openTmux } from './parts/tmux.ts';
import { logPage, summaryPage } from './picture-pages.ts';
import { screenPage } from './terminal-pictures.ts';
import { checkOut, deployAgain, deployFirst, planOnPullRequest, REPOSITORY, refuseCanary, rollBack, type Step } from './tour.ts';

/** The style of a comment, around its text, and of a table whose values are wider than the page. */
export const TOUR_STYLE = `
  .narrow td:has(code) { overflow-wrap: anywhere }
  .comment { border: 1px solid #d1d9e0; border-radius: 6px } .comment .by { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 6px 14px; color: #59636e }
  .comment .text { padding: 4px 14px } .comment h3 { font-size: 16px; margin: 12px 0 } .comment sub { font-size: 11px; color: #59636e }
`;

const COLUMNS = 84;

/** Takes the pictures. `runStep` runs a step in the folder, and `take` gets the name of each picture and the body of its page. */
export async function tourPictures(
  nomad: Nomad,
  runStep: (folder: string, step: Step) => Promise<ActionResult>,
  take: (name: string, body: string) => Promise<void>,
): Promise<void> {
  const workspace = checkOut();
  const run = async (step: Step): Promise<ActionResult> =>
    runStep(workspace, { ...step, env: { GITHUB_REPOSITORY: REPOSITORY, ...step.env } });
  await deployFirst(run);
  const comment = await summaryPage(await planOnPullRequest(run), /./);
  await take(
    'tour-plan',
    `<div class="comment"><div class="by"><b>github-actions</b> bot commented</div><div class="text">${comment}</div></div>`,
  );
  await deployAgain(workspace, run);
  const { shown } = await refuseCanary(workspace, run);
  await take('tour-canary', logPage(shown.slice(shown.indexOf('Registered ')), /^Diagnose/));
  await take('tour-rollback', `<div class="narrow">${await summaryPage((await rollBack(run)).summary, /^Allocations/)}</div>`);

  asCheckout(workspace, REPOSITORY);
  const shell = await openTmux({ ...terminalProgram(nomad, 'ssh'), cwd: workspace, columns: COLUMNS, rows: 18 });
  const prompts = async (count: number): Promise<string> => shell.until((screen) => screen.match(/^\/ #/gm)?.length === count);
  await prompts(1);
  for (const [i, line] of ['cat /site/index.html', 'env | grep NOMAD_.*NAME'].entries()) {
    await shell.type(line);
    await shell.keys('Enter');
    await prompts(i + 2);
  }
  await take('tour-shell', screenPage(`$ nomad-deploy ssh\n${(await shell.screen({ escapes: true })).trimEnd()}`));
  await shell.close();
}
