import { posix } from 'node:path';
import { type SourceFile, wholeJob } from '../inputs/index.ts';
import { foreignTemplates } from '../jobspec/index.ts';
import { type DeclaredVariable, declaredVariables, type HclBlock, lex, linesOf, readBlocks } from '../text/index.ts';

/** A file with a job. */
export interface JobFile {
  readonly path: string;
  /** The place of the `job` block. */
  readonly at: string;
  /** The label of the job. */
  readonly label: string;
  readonly variables: readonly DeclaredVariable[];
  /** The images of its tasks, as they are written, each with its place. */
  readonly images: readonly { readonly text: string; readonly at: string }[];
  /** The place and the text of the first template of Levant or nomad-pack. */
  readonly foreign: { readonly at: string; readonly text: string } | undefined;
}

/** Reads a job spec in HCL or JSON. Returns undefined for a file without a job: a part of one, a policy, a volume. */
export function readJobFile({ name: path, text }: SourceFile): JobFile | undefined {
  const place = linesOf(text);
  const at = (offset: number): string => `${path}:${place(offset).line}`;
  if (/^\s*\{/.test(text)) return ofJson(path, text);
  const job = wholeJob(text);
  if (job === undefined) return undefined;
  const [foreign] = foreignTemplates(text);
  const root = readBlocks(text);
  return {
    path,
    at: `${path}:${job.line}`,
    label: root.blocks.find(({ type, labels }) => type === 'job' && labels.length === 1)?.labels[0] ?? '',
    variables: declaredVariables(text),
    images: imagesIn(root).map((image) => ({ text: image.text, at: at(image.at) })),
    foreign: foreign && { at: at(foreign.at), text: foreign.text },
  };
}

/** The `image` attributes of the `config` blocks of a file. */
function imagesIn(block: HclBlock): { readonly text: string; readonly at: number }[] {
  const own = block.type === 'config' ? block.attributes.filter(({ name }) => name === 'image') : [];
  return [...own.map(({ text, at }) => ({ text: text.slice(text.indexOf('=') + 1).trim(), at })), ...block.blocks.flatMap(imagesIn)];
}

function ofJson(path: string, text: string): JobFile | undefined {
  try {
    const data: unknown = JSON.parse(text);
    const job = isObject(data) ? (data['Job'] ?? data['job']) : undefined;
    if (!isObject(job)) return undefined;
    const label = typeof job['ID'] === 'string' ? job['ID'] : (Object.keys(job)[0] ?? '');
    return { path, at: `${path}:1`, label, variables: declaredVariables(text), images: [], foreign: undefined };
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The way in which a spec takes an image that the action builds. */
export type ImageWay =
  /** The variable `image` takes it, which has a value without an input. */
  | { readonly how: 'automatic' }
  /** Other variables take it, for the input `image-variables`; `image` is the literal name of the image, where the spec has one. */
  | { readonly how: 'variables'; readonly lines: readonly string[]; readonly image: string | undefined }
  /** The spec names its images itself. */
  | { readonly how: 'literal' };

/** Returns how a spec takes its image, by the first of its images that names a variable. See docs/images.md#which-variable-takes-the-image. */
export function imageWay({ variables, images }: Pick<JobFile, 'variables' | 'images'>): ImageWay {
  if (variables.some(({ name }) => name === 'image') && images.some(({ text }) => /\bvar\.image\b/.test(text))) return { how: 'automatic' };
  for (const { text } of images) {
    const parts = partsOf(text);
    const known = parts.every((part) => typeof part === 'string' || variables.some(({ name }) => name === part.name));
    const [first, second, third, ...others] = parts;
    if (!known || first === undefined || others.length > 0) continue;
    if (typeof first === 'object' && second === undefined) return { how: 'variables', lines: [`${first.name}=image`], image: undefined };
    const [, name = '', mark = ''] = typeof first === 'string' ? (/^([\w.:/-]+?)([:@])$/.exec(first) ?? []) : [];
    if (typeof second === 'object' && third === undefined && name !== '') {
      return { how: 'variables', lines: [`${second.name}=${mark === '@' ? 'digest' : 'tag'}`], image: name };
    }
    if (typeof first === 'object' && typeof third === 'object' && (second === ':' || second === '@')) {
      return { how: 'variables', lines: [`${first.name}=name`, `${third.name}=${second === '@' ? 'digest' : 'tag'}`], image: undefined };
    }
  }
  return { how: 'literal' };
}

type Part = string | { readonly name: string };

/** Returns the parts of an expression that is `var.name` or a text with `${var.name}`; none for any other expression. */
function partsOf(expression: string): Part[] {
  const alone = /^var\.(\w+)$/.exec(expression)?.[1];
  if (alone !== undefined) return [{ name: alone }];
  const { tokens } = lex(expression);
  if (tokens.length !== 1 || !/^".*"$/s.test(expression)) return [];
  const pieces = expression.slice(1, -1).split(/(\$\{\s*var\.\w+\s*\})/);
  const parts = pieces
    .filter((piece) => piece !== '')
    .map((piece): Part => {
      const name = /^\$\{\s*var\.(\w+)/.exec(piece)?.[1];
      return name === undefined ? piece : { name };
    });
  return parts.some((part) => typeof part === 'string' && /[$%"\\]/.test(part)) ? [] : parts;
}

/** A pack of nomad-pack: a folder with `metadata.hcl` and templates. */
export interface Pack {
  readonly folder: string;
  readonly at: string;
  readonly name: string;
}

/** Reads `metadata.hcl`. Returns undefined for a file that describes no pack. */
export function readPack({ name: path, text }: SourceFile): Pack | undefined {
  const pack = readBlocks(text).blocks.find(({ type }) => type === 'pack');
  if (pack === undefined) return undefined;
  const folder = posix.dirname(path);
  return { folder, at: `${path}:${linesOf(text)(pack.at).line}`, name: posix.basename(folder) };
}
