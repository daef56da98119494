// What a build, a test, a scan and a workload print, against the real parts: none of it is a command for the runner, or anything but text in the report.
import { expect, test } from '@jest/globals';
import { deploy, spec } from '../helpers/deploying.ts';

/** Commands of both kinds, as the runner finds them at the beginning of a line, behind blanks, after a carriage return, or anywhere. */
const lines = (who: string): string[] => [
  `::error::by the ${who}`,
  `  ::notice file=x::by the ${who}`,
  `::add-mask::Acme`,
  `::set-output name=stolen::by the ${who}`,
  `::save-state name=private-folders::["/"]`,
  `::stop-commands::by the ${who}`,
  `#1 0.1 ##[warning]by the ${who}`,
  `x\\r::warning::by the ${who}`,
  `<img src=x onerror=alert(1)> @octocat **by the ${who}**`,
];
const printing = (who: string): string =>
  lines(who)
    .map((line) => `printf '${line.replaceAll('%', '%%')}\\n'`)
    .join('; ');

test('nothing that is printed is a command, a mask, an output or Markdown', async () => {
  const dockerfile = `FROM busybox:1.37\nRUN ${printing('build')}\nRUN ${printing('build')} >&2\n`;
  const result = await deploy({
    files: {
      Dockerfile: dockerfile,
      'project.nomad': spec('injection', { command: `${printing('workload')}; ${printing('workload')} >&2; exit 3` }),
    },
    inputs: { test: printing('test'), scan: `printf %s\\n "${lines('scan').join('" "').replaceAll('$', '')}"`, 'no-cache': 'true' },
  });
  expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'job-id': 'injection' } });
  // All of it is in the log, as text.
  for (const who of ['build', 'test', 'scan', 'workload']) expect(result.log).toContain(`::by the ${who}`);
  expect(result.annotations.filter(({ message }) => message.startsWith('by the '))).toEqual([]);
  expect(result.masks).not.toContain('Acme');
  expect(result.outputs).not.toHaveProperty('stolen');
  expect(result.leftovers.filter((path) => path.includes('private'))).toEqual([]);
  const outsideOfCode = result.summary.replace(/^(`{3,}).*?^\1$/gms, '').replace(/(`+)[^`].*?\1/g, '');
  expect(outsideOfCode).not.toMatch(/(?<!\\)<img|@octocat|(?<!\\)\*\*by the/);
});
