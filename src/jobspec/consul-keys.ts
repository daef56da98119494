import type { SourceFile } from '../inputs/index.ts';
import { type HclBlock, linesOf, readBlocks } from '../text/index.ts';
import type { SpecFile } from './types.ts';

/** Matches a call in a template that reads keys of Consul, up to the end of its first argument. */
const CALL = /\b(?:key|keyOrDefault|keyExists|keyExistsGet|ls|safeLs|tree|safeTree)\s+(?:\$\{[^{}\n]{0,80}\}|\$(?!\{)|[^{}\n|$]){0,200}/g;

/**
 * Returns warnings about templates that read the Consul key of the job, in the spec and in each file that adds to it. The system that users
 * come from wrote the secrets there, and this action does not: such a template waits for the key forever, or reads outdated values.
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
        `${file.name}:${line}: the template reads the Consul key of the job, which no deploy writes any more. For the secrets, write \`data = var.SECRETS_TEMPLATE\` and \`env = true\`${
          file === spec ? ', and declare `variable "SECRETS_TEMPLATE" { type = string }`' : ''
        } (docs/migrating-from-internetarchive.md#secrets)`,
    );
  });
}

/** Returns all attributes of a file. Comments are not attributes. */
function attributesOf({ attributes, blocks }: HclBlock): { readonly at: number; readonly text: string }[] {
  return [...attributes, ...blocks.flatMap(attributesOf)];
}
