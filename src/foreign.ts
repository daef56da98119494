// What Nomad's parser takes as it stands, though it was meant for another program: a word without quotes becomes `${word}`, and a field that is not
// interpolated keeps it.
import { ActionError, type Location } from './errors.ts';
import type { Composition } from './fragments.ts';
import { type HclBlock, linesOf, readBlocks, withoutComments } from './hcl.ts';
import type { Job } from './nomad/types.ts';

/** What Levant and nomad-pack put between their brackets; `[[ -f x ]]` is of a shell. */
const BRACKETS =
  /\[\[-?\s*(?:\.[A-Za-z_]|(?:env|var|template|consulKey\w*|timeNow\w*|fileContents\w*|loop|if|range|with|else|end|define)\b(?!\s*=))[^\]\n]{0,300}\]\]/g;

interface Problem {
  readonly at: number;
  readonly text: string;
}

/**
 * Refuses a text of the user's that another program was to render before: `[[ … ]]` in it, outside of comments. Throws `jobspec-invalid` with the file and line
 * of each.
 */
export function refuseBrackets({ text, locate }: Composition): void {
  // A template of the job's may have these for its own.
  if (/left_?delim(?:iter)?"?\s*[=:]\s*["']?\[\[/i.test(text)) return;
  const place = linesOf(text);
  const problems = [...withoutComments(text).matchAll(BRACKETS)]
    .filter(({ index }) => locate(place(index).line) !== undefined)
    .map(({ 0: words, index }) => ({ at: index, text: `${words} is for Levant or nomad-pack, and Nomad takes it as it stands` }));
  refuse(problems, text, locate, 'Declare a variable and write `var.NAME`, or render the file before: see docs/migrating-from-levant.md.');
}

/**
 * Refuses a job with `${…}` in a field that Nomad does not interpolate, such as `driver` or `datacenters`: it would match nothing. Throws `jobspec-invalid` with
 * the file and line of each that is found in the text.
 */
export function refuseWords(job: Job, { text, locate }: Composition): void {
  const attributes = all(readBlocks(text));
  const problems = plainFields(job).flatMap(([field, value]) => {
    const word = /\$\{\s*([^}]*?)\s*\}/.exec(value)?.[1];
    if (word === undefined) return [];
    const own = attributes.filter(({ name }) => name === field);
    const place = own.find((one) => one.text.includes(word)) ?? own[0];
    const quoted = place === undefined || place.text.includes('${');
    const advice = quoted ? 'write the value itself, or `var.NAME`' : `write "${word}", with quotes`;
    return [{ at: place?.at ?? -1, text: `\`${field}\` is ${JSON.stringify(value)}, which Nomad does not interpolate: ${advice}` }];
  });
  const unique = problems.filter((one, i) => problems.findIndex(({ at, text: words }) => at === one.at && words === one.text) === i);
  refuse(unique, text, locate, 'A word without quotes is taken for the name of something that is known when the task starts.');
}

/** Says which other attributes have a word without quotes for their value: each is right only where the task knows a variable of that name. */
export function bareWords({ text, locate }: Composition): string[] {
  const known = new Set(['true', 'false', 'null']);
  const found: { readonly name: string; readonly word: string; readonly at: number }[] = [];
  const walk = ({ type, attributes, blocks }: HclBlock): void => {
    for (const { name, text: written, at } of attributes) {
      if (type === 'env') known.add(name);
      const word = /^"?[\w-]+"?\s*=\s*([A-Za-z_][\w-]*)\s*(?:#.*|\/\/.*)?$/.exec(written)?.[1];
      // The type of a variable and the name of a loop are words.
      if (word !== undefined && type !== 'variable' && name !== 'iterator') found.push({ name, word, at });
    }
    for (const block of blocks) walk(block);
  };
  walk(readBlocks(text));
  const place = linesOf(text);
  return found
    .filter(({ word }) => !known.has(word) && !word.startsWith('NOMAD_'))
    .flatMap(({ name, word, at }) => {
      const own = locate(place(at).line);
      return own === undefined
        ? []
        : [`${own.file}:${own.line}: \`${name} = ${word}\` has no quotes: Nomad takes the word for \${${word}}`];
    });
}

/** The fields of a job that are taken as they are, by their names in HCL. */
function plainFields({ Region, Namespace, Type, NodePool, Datacenters, TaskGroups }: Job): [field: string, value: string][] {
  const found: [string, string | null | undefined][] = [
    ['region', Region],
    ['namespace', Namespace],
    ['type', Type],
    ['node_pool', NodePool],
    ...(Datacenters ?? []).map((one): [string, string] => ['datacenters', one]),
    ...(TaskGroups ?? []).flatMap(({ Tasks }) =>
      (Tasks ?? []).map(({ Driver }): [string, string | null | undefined] => ['driver', Driver]),
    ),
  ];
  return found.flatMap(([field, value]) => (typeof value === 'string' ? [[field, value]] : []));
}

function all({ attributes, blocks }: HclBlock): HclBlock['attributes'][number][] {
  return [...attributes, ...blocks.flatMap(all)];
}

function refuse(problems: readonly Problem[], text: string, locate: Composition['locate'], hint: string): void {
  if (problems.length === 0) return;
  const place = linesOf(text);
  const told = problems.map(({ at, text: words }) => {
    const location: Location | undefined = at < 0 ? undefined : locate(place(at).line);
    return { text: `${location === undefined ? '' : `${location.file}:${location.line}: `}${words}`, location };
  });
  const location = told.find((one) => one.location !== undefined)?.location;
  throw new ActionError('jobspec-invalid', told.map((one) => one.text).join('\n'), {
    hint,
    ...(location === undefined ? {} : { location }),
  });
}
