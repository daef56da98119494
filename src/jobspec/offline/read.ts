// A spec read without Nomad: the job as far as its values can be told, with the places of its parts, and the mistakes that are certain.
import { ActionError, type Location, messageOf } from '../../errors.ts';
import { parseLossless } from '../../nomad/index.ts';
import type { Job } from '../../nomad/types.ts';
import {
  type DeclaredVariable,
  declaredVariables,
  type HclBlock,
  lex,
  linesOf,
  nearest,
  readBlocks,
  syntaxProblem,
} from '../../text/index.ts';
import { linesAsLists, renderBuiltIn, serviceProblems, serviceWarnings, type Values } from '../built-in/index.ts';
import { bareWords, refuseBrackets, refuseWords } from '../foreign.ts';
import { type Composition, compose, overlay, overlayGroup } from '../fragments.ts';
import { type Doubt, readJobObject } from '../job-object.ts';
import type { Path } from '../job-shape.ts';
import { finish, type Over, ownText, partOf, partsOf, type RenderSlice } from '../render.ts';
import { codesOf } from '../spec-texts.ts';
import type { Rendering } from '../types.ts';
import { automaticValues, misspelt, undeclared, variableValues } from '../variable-values.ts';
import { type Evaluate, evaluator } from './expressions.ts';
import { type HclJob, jobOfHcl, keyOf } from './hcl-job.ts';
import { blocksOfJson } from './hcl-json.ts';
import { type Ignores, ignoresOf } from './ignores.ts';

/** The place of a part of a job: in the user's files, and the lints that a comment there switches off. */
export interface Spot {
  readonly location: Location | undefined;
  readonly ignores: (lint: string) => boolean;
}

/** A job that was read without Nomad. */
export interface OfflineJob {
  /** The job, without the values that are not known. */
  readonly job: Job;
  readonly doubts: readonly Doubt[];
  readonly spotOf: (path: Path) => Spot;
  /** Returns the part in words, if only Nomad can evaluate it or a part above it. */
  readonly unknownAt: (path: Path) => string | undefined;
  /** Returns whether a variable of the run gave the value. */
  readonly isGiven: (path: Path) => boolean;
  /** All parts that are not known. */
  readonly unknown: readonly { readonly path: Path; readonly what: string }[];
  /** Mistakes that leave the rest of the job readable. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
  /** Names in comments that are no lints, by their places. */
  readonly comments: readonly Ignores[];
}

/** Returns the job of a spec. Throws `jobspec-invalid` and `input-invalid` for mistakes that are certain, with all that were found and their places. */
export async function readOffline(inputs: RenderSlice, rendering: Rendering): Promise<OfflineJob> {
  const read = rendering.spec.format === 'hcl' ? await readHcl(inputs, rendering) : await readObject(inputs, rendering);
  return { ...read, job: finish(read.job, inputs, rendering) };
}

async function readObject(inputs: RenderSlice, rendering: Rendering): Promise<OfflineJob> {
  const { spec } = rendering;
  const own = await ownText(inputs, rendering);
  const composition = compose([
    { text: own.text, from: { file: spec.name, line: 1, ...(own.lines.length === 0 ? {} : { lines: own.lines }) } },
  ]);
  refuseBrackets(composition);
  const { job, doubts, at } = await readJobObject(spec, own, { jobs: { decode: parseLossless } });
  refuseWords(job, composition);
  const ignores = ignoresOf(composition, spec.format);
  return {
    job,
    doubts,
    spotOf: (path) => {
      const location = at(positions(job, path));
      return { location, ignores: (lint) => ignores.covers(lint, location.line ?? 0) };
    },
    unknownAt: () => undefined,
    isGiven: () => false,
    unknown: [],
    problems: [],
    warnings: undeclared([], inputs.vars, spec, rendering.others),
    comments: [ignores],
  };
}

/** Returns a path with the positions of the items that it names. */
function positions(job: Job, path: Path): Path {
  let value: unknown = job;
  return path.map((part) => {
    const list: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
    const at = list !== undefined && typeof part === 'string' ? list.findIndex((item) => hasName(item, part)) : part;
    value = typeof value === 'object' && value !== null && Object.hasOwn(value, at) ? Reflect.get(value, at) : undefined;
    return at;
  });
}

const hasName = (item: unknown, name: string): boolean =>
  typeof item === 'object' && item !== null && (('Name' in item && item.Name === name) || ('Label' in item && item.Label === name));

/** A text of HCL that a job is made of, and the parts of the job in it. */
interface Piece extends HclJob {
  readonly composition: Composition;
  readonly ignores: Ignores;
}

async function readHcl(inputs: RenderSlice, rendering: Rendering): Promise<OfflineJob> {
  const { spec, target, fromFiles, imageVariables: ofImage = {} } = rendering;
  const { parts, variablesFile, over } = await partsOf(inputs, rendering);
  const declaring = compose(spec.builtIn ? [...parts, ...variablesFile] : parts);
  const files = over.map(({ file }) => compose([partOf(file)]));
  const isJson = /^\s*\{/.test(declaring.text);
  requireSyntax(isJson ? files : [declaring, ...files]);
  const declared = declaredVariables(declaring.text);
  const roots = { declaring: isJson ? jsonBlocks(declaring) : readBlocks(declaring.text), over: files.map(({ text }) => readBlocks(text)) };
  const undeclaredNames = unknownNames([declaring, ...files], declared, roots.declaring);
  const given = spec.builtIn ? linesAsLists(inputs.vars) : inputs.vars;
  const check = (found: Values): string[] => (spec.builtIn ? serviceProblems(found, inputs.nomadRegion, inputs.blueGreen) : []);
  // A value may be given at the deploy alone, so a variable without one is no mistake here.
  const optional = declared.map((one) => ({ ...one, hasDefault: true }));
  const known = Object.fromEntries(Object.entries(fromFiles).filter(([, { expression }]) => expression === undefined));
  const offers = { ofImage, given, givenBy: inputs.sources.vars, fromFiles: known, automatic: automaticValues(inputs, rendering) };
  const { values } = variableValues(optional, offers, declaring.locate, check);
  const source = spec.builtIn
    ? compose([{ text: await renderBuiltIn(values, { ...rendering, blueGreen: inputs.blueGreen }) }, ...variablesFile])
    : declaring;
  const root = spec.builtIn ? readBlocks(source.text) : roots.declaring;
  const later = Object.keys(fromFiles).filter((name) => !Object.hasOwn(known, name) && values[name] === undefined);
  const evaluate = evaluator(
    root,
    declared.filter(({ name }) => !later.includes(name)),
    values,
  );
  const base = jobOfHcl(root, evaluate);
  if (base === undefined) {
    throw new ActionError('jobspec-invalid', `${spec.name}:1: the file has no \`job\` block`, { location: { file: spec.name, line: 1 } });
  }
  const pieces: Piece[] = [{ ...base, composition: source, ignores: ignoresOf(source, 'hcl') }];
  let { job } = base;
  for (const [i, one] of over.entries()) {
    const composition = files[i] ?? compose([]);
    const piece = fragmentOf(job, one, roots.over[i] ?? root, evaluate);
    pieces.push({ ...piece, composition, ignores: ignoresOf(composition, 'hcl') });
    job = one.kind === 'job' ? overlay(job, piece.job) : (piece.job.TaskGroups ?? []).reduce(overlayGroup, job);
  }
  refuseWords(job, compose([...parts, ...over.map(({ file }) => partOf(file))]));
  return {
    job,
    doubts: [],
    ...lookUps(pieces),
    problems: undeclaredNames,
    warnings: [
      ...undeclared(declared, inputs.vars, spec, rendering.others),
      ...misspelt(declared, fromFiles),
      ...[...(spec.builtIn || isJson ? [] : [declaring]), ...files].flatMap(bareWords),
      ...(spec.builtIn ? serviceWarnings(values, target, job) : []),
    ],
    comments: pieces.map(({ ignores }) => ignores),
  };
}

/** Reads a fragment as what it is: the inside of the job, or of its first group. */
function fragmentOf(job: Job, { kind }: Over, root: HclBlock, evaluate: Evaluate): HclJob {
  const group = job.TaskGroups?.[0]?.Name ?? 'group';
  const inner: HclBlock = { ...root, type: kind, labels: [kind === 'job' ? job.ID : group] };
  const whole: HclBlock = kind === 'job' ? inner : { ...root, type: 'job', labels: [job.ID], attributes: [], blocks: [inner] };
  const read = jobOfHcl({ ...root, blocks: [whole] }, evaluate);
  return read ?? { job, lines: new Map(), unknown: new Map(), given: new Set() };
}

/** Returns the readers of the places of a job. The last piece that has a part wins, as it does for the value. */
function lookUps(pieces: readonly Piece[]): Pick<OfflineJob, 'spotOf' | 'unknownAt' | 'isGiven' | 'unknown'> {
  const last = pieces.toReversed();
  const spotOf = (path: Path): Spot => {
    for (let length = path.length; length >= 0; length--) {
      const key = keyOf(path.slice(0, length));
      for (const { lines, composition, ignores } of last) {
        const line = lines.get(key);
        if (line === undefined || (length === 0 && composition !== pieces[0]?.composition)) continue;
        return { location: composition.locate(line), ignores: (lint) => ignores.covers(lint, line) };
      }
    }
    return { location: undefined, ignores: () => false };
  };
  return {
    spotOf,
    unknownAt: (path) => {
      for (let length = 1; length <= path.length; length++) {
        const key = keyOf(path.slice(0, length));
        for (const { unknown } of last) if (unknown.has(key)) return unknown.get(key);
      }
      return undefined;
    },
    isGiven: (path) => last.some(({ given }) => given.has(keyOf(path))),
    unknown: pieces.flatMap(({ unknown }) => [...unknown].map(([key, what]) => ({ path: key.split('\0'), what }))),
  };
}

/** Returns the blocks of HCL in JSON. Throws `jobspec-invalid` for a text that is no JSON. */
function jsonBlocks({ text, locate }: Composition): HclBlock {
  try {
    return blocksOfJson(text);
  } catch (error) {
    const position = / at position (\d+)/.exec(messageOf(error))?.[1];
    const { line, column } = linesOf(text)(Number(position ?? 0));
    const own = locate(line);
    throw refusal([{ text: messageOf(error).replace(/ in JSON at position .*$/, ''), location: own && { ...own, column } }]);
  }
}

function requireSyntax(all: readonly Composition[]): void {
  const found = all.flatMap(({ text, locate }) => {
    const problem = syntaxProblem(text);
    if (problem === undefined) return [];
    const { line, column } = linesOf(text)(problem.at);
    const own = locate(line);
    return [{ text: problem.text, location: own && { ...own, column } }];
  });
  if (found.length > 0) throw refusal(found);
}

/** The most names that are told. */
const MAX_TOLD = 50;

/** Returns the names of variables and locals that nothing declares. */
function unknownNames(all: readonly Composition[], declared: readonly DeclaredVariable[], root: HclBlock): Problem[] {
  const locals = root.blocks.flatMap(({ type, attributes }) => (type === 'locals' ? attributes.map(({ name }) => name) : []));
  const known = { var: new Set(declared.map(({ name }) => name)), local: new Set(locals) };
  const found: Problem[] = [];
  for (const { text, locate } of all) {
    const place = linesOf(text);
    const codes = codesOf(lex(text).tokens);
    for (const code of codes) {
      // A loop may give its values these names.
      if (
        code.some((token, i) => token.text === 'for' && code.slice(i + 1, i + 4).some((one) => one.text === 'var' || one.text === 'local'))
      )
        continue;
      for (const [i, { kind, text: word, at }] of code.entries()) {
        if (kind !== 'name' || (word !== 'var' && word !== 'local') || code[i + 1]?.text !== '.' || code[i - 1]?.text === '.') continue;
        const name = code[i + 2]?.text ?? '';
        if (known[word].has(name) || found.length >= MAX_TOLD) continue;
        const { line, column } = place(at);
        const own = locate(line);
        if (own === undefined) continue;
        const near = nearest(name, [...known[word]]);
        found.push({
          text: `nothing declares ${word}.${name}${near === undefined ? '' : `; did you mean ${word}.${near}?`}`,
          location: { ...own, column },
        });
      }
    }
  }
  return found;
}

/** A mistake that a deploy refuses. */
export interface Problem {
  readonly text: string;
  readonly location: Location | undefined;
}

/** Returns one `jobspec-invalid` with all problems, each with its place. */
function refusal(found: readonly Problem[]): ActionError {
  const location = found.find((one) => one.location !== undefined)?.location;
  const told = found.map(({ text, location: at }) =>
    at === undefined ? text : `${[at.file, at.line, at.column].filter((part) => part !== undefined).join(':')}: ${text}`,
  );
  return new ActionError('jobspec-invalid', told.join('\n'), location === undefined ? {} : { location });
}
