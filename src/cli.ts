#!/usr/bin/env node
// The entry of the terminal program. All else is loaded after the version of Node is known, because an older one cannot read it.
const NEEDED = 24;

if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  process.stderr.write(`nomad-deploy needs Node ${NEEDED} or newer, and this is ${process.versions.node}.\n`);
  process.exit(2);
}
// Node knows FORCE_COLOR alone: https://bixense.com/clicolors/
if (/^(?!0$)./.test(process.env['CLICOLOR_FORCE'] ?? '') && !process.env['NO_COLOR']) process.env['FORCE_COLOR'] ??= '1';
const argv = process.argv.slice(2);
if (/^(-h|--help)$/.test(argv.at(-1) ?? '')) {
  const { askedHelp, helpText } = await import('./terminal/help.ts');
  const asked = askedHelp(argv);
  if (asked !== undefined) {
    process.stdout.write(helpText(asked === 'general' ? undefined : asked, process.stdout.columns));
    process.exit(0);
  }
}
const cancelled = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => cancelled.abort(new Error(`cancelled (${name})`)));
// The reader of a pipe, such as `head`, may have seen enough. Without a reader of the messages, the command goes on.
process.stdout.on('error', (error) => cancelled.abort(error));
process.stderr.on('error', () => undefined);
const [{ main }, { terminalRuntime: open }] = await Promise.all([import('./terminal/index.ts'), import('./runtime/terminal.ts')]);
// A terminal that was read keeps the process alive.
process.exit(
  await main({
    argv,
    env: process.env,
    folder: process.cwd(),
    signal: cancelled.signal,
    open,
    packageFile: new URL('../package.json', import.meta.url),
  }),
);
