import type { SourceFile } from '../inputs/index.ts';
import { type HclBlock, linesOf, readBlocks } from '../text/index.ts';
import type { SpecFile } from './types.ts';

/** A template's call that reads keys of Consul, up to the end of its first argument. */
const CALL = /\b(?:key|keyOrDefault|keyExists|keyExistsGet|ls|safeLs|tree|safeTree)\s+(?:\$\{[^{}\n]{0,80}\}|\$(?!\{)|[^{}\n|$]){0,200}/g;

/**
 * Returns the warnings about templates that read the Consul key of the job, in the spec and in each of the files that add to it: the system that users come
 * from wrote the secrets there, and this action does not. Such a template waits for the key for ever, or reads values that nobody renews.
 */
export function unwrittenKeys(spec: SpecFile, jobId: string): string[] {
  const names = [
    'NOMAD_VAR_SLUG',
    '\\$\\{\\s*var\\.SLUG\\s*\\}',
    'env\\s+\\\\?"NOMAD_JOB_(?:NAME|ID)\\\\?"',
    `(?<=\\\\?")${jobId.replace(/[^\w-]/g, '\\$&')}(?=\\\\?")`,
  ];
  const own = new RegExp(names.join('|'));
  const files: readonly SourceFile[] = [...(spec.builtIn ? [] : [spec]), ...Object.values(spec.fragments)];
  return files.flatMap((file) => {
    const place = linesOf(file.text);
    const texts = spec.format === 'hcl' ? attributesOf(readBlocks(file.text)) : [{ at: 0, text: file.text }];
    const lines = texts.flatMap(({ at, text }) =>
      [...text.matchAll(CALL)].flatMap((call) => (own.test(call[0].replaceAll('\\"', '"')) ? [place(at + call.index).line] : [])),
    );
    return [...new Set(lines)].map(
      (line) =>
        `${file.name}:${line}: the template reads the Consul key of the job, which no deploy writes any more; for the secrets write \`data = var.SECRETS_TEMPLATE\` and \`env = true\`${
          file === spec ? ', and declare `variable "SECRETS_TEMPLATE" { type = string }`' : ''
        } (docs/migrating-from-internetarchive.md#secrets)`,
    );
  });
}

/** All attributes of a file, wherever they stand; a comment is none. */
function attributesOf({ attributes, blocks }: HclBlock): { readonly at: number; readonly text: string }[] {
  return [...attributes, ...blocks.flatMap(attributesOf)];
}
