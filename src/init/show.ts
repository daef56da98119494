import { shellWord } from '../text/index.ts';
import type { Pair, Proposed } from './lines.ts';
import type { Proposal } from './propose.ts';

/** A part of the report: a title, and the lines below it. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Returns the report on a proposal: the facts, the files with the reason of each line, and the changes of existing files. `existing` are the paths that stay. */
export function sectionsOf({ found, files, changes }: Proposal, existing: ReadonlySet<string>): Section[] {
  return [
    { title: 'Found in the repository', lines: found.map(({ at, text }) => `${at}: ${text}`) },
    ...files.flatMap((file): Section[] => [
      {
        title: existing.has(file.path) ? `${file.path} exists and stays as it is. This would be written` : file.path,
        lines: file.lines.map(({ text }) => text),
      },
      { title: `The reasons for the lines of ${file.path}`, lines: reasonsOf(file) },
    ]),
    ...changes.map(({ at, from, to, why }) => ({ title: `Change ${at} by hand: ${why}`, lines: [`- ${from}`, `+ ${to}`] })),
  ];
}

/** Returns the reasons of a file: the number of the line, its key, and why it is there. */
function reasonsOf({ lines }: Proposed): string[] {
  return lines.flatMap(({ text, why }, i) => {
    const [key = ''] = text
      .trim()
      .replace(/^[-#] /, '')
      .split(': ');
    return why === undefined ? [] : [`${String(i + 1).padStart(2)} ${key.replace(/:$/, '')}: ${why}`];
  });
}

/** Returns the lines about what is left to do; the last ones are the next commands. `existing` are the proposed files that were there before. */
export function nextLines({ files, open, next }: Proposal, existing: ReadonlySet<string>): string[] {
  const steps = [
    ...files
      .filter(({ path }) => existing.has(path))
      .map(({ path }) => `${path}: take over from the file above what it lacks, or store that file under another name.`),
    ...open,
  ];
  const byHand = steps.length === 0 ? [] : ['To do by hand:', ...steps.map((text) => `  - ${text}`)];
  const { setup, doctor } = next;
  if (setup === undefined || doctor === undefined) return byHand;
  const paths = files.map(({ path }) => path).filter((path) => !existing.has(path));
  return [
    ...byHand,
    'Next:',
    `  ${commandLine('setup', setup)}`,
    '    prepares the cluster for the login of this repository, once, with a management token',
    `  ${commandLine('doctor', doctor)}`,
    '    looks for what would break the first deploy',
    ...(paths.length === 0 ? [] : [`  git add ${paths.join(' ')}, then commit and push: the push deploys`]),
  ];
}

/** Returns a command of the program for a shell. */
function commandLine(command: string, options: readonly Pair[]): string {
  const words = options.flatMap(({ key, value }) => value.split('\n').map((line) => `--${key}=${shellWord(line)}`));
  return ['nomad-deploy', command, ...words].join(' ');
}
