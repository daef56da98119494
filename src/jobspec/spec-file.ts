import { basename } from 'node:path';
import { ActionError } from '../errors.ts';
import { readSourceFile, type SourceFile, type SpecPath, wholeJob } from '../inputs/index.ts';
import { skipBlank, valueAt } from '../text/index.ts';
import { BUILT_IN } from './built-in/index.ts';
import { refuseBrackets } from './foreign.ts';
import { compose } from './fragments.ts';
import type { SpecFile } from './types.ts';

/**
 * Reads a job spec (a path within the workspace, else the built-in template) and its fragments. Throws `input-invalid` for a spec of an
 * unknown kind and for a fragment that holds a whole job; `jobspec-invalid` for a template of another program.
 */
export async function readSpecFile({ path, fragments }: SpecPath, workspace: string): Promise<SpecFile> {
  const pairs = await Promise.all(
    Object.entries(fragments).map(async ([kind, file]) => [kind, requirePart(await readSourceFile(file, workspace))] as const),
  );
  const found: SpecFile['fragments'] = Object.fromEntries(pairs);
  if (path === undefined) return { name: BUILT_IN, builtIn: true, format: 'hcl', template: true, text: '', fragments: found };
  const file = await readSourceFile(path, workspace);
  const kind = kindOf(file);
  if (kind === undefined) {
    refuseBrackets(compose([{ text: file.text, from: { file: file.name, line: 1 } }]));
    throw new ActionError('input-invalid', `\`job\`: ${file.name} is not a readable job spec`, {
      hint: 'A job spec is HCL with a `job` block, or a job object in JSON or YAML. The file name of a template ends in .hbs.',
    });
  }
  return { ...file, ...kind, builtIn: false, fragments: found };
}

/**
 * Refuses a whole job in a file such as `job.nomad`, which many repositories have. The file is read as a part of a `job` block, where the
 * parser's error would be hard to understand.
 */
function requirePart(file: SourceFile): SourceFile {
  const at = wholeJob(file.text);
  if (at === undefined) return file;
  const own = basename(file.name);
  throw new ActionError('input-invalid', `${file.name}:${at.line}: this file holds a whole job, and ${own} is read as a part of a job`, {
    hint: `Name the file in \`job\` (\`job: ${own}\`) to deploy it.`,
    location: { file: file.name, ...at },
  });
}

/** Returns the kind of a file. Its name tells a template, JSON and YAML; its content tells the rest. */
function kindOf({ name, text }: SourceFile): Pick<SpecFile, 'format' | 'template'> | undefined {
  const template = name.endsWith('.hbs');
  const extension = /\.([^./]+)$/.exec(template ? name.slice(0, -'.hbs'.length) : name)?.[1];
  if (extension === 'json') return { format: !template && isHclJson(text) ? 'hcl' : 'json', template };
  if (extension === 'yaml' || extension === 'yml') return { format: 'yaml', template };
  // The text in braces tells nothing about the rendered text.
  const format = formatOf(template ? text.replace(/\{{2,3}[^{}]*\}{2,3}/g, '') : text);
  if (format !== undefined) return { format, template };
  // Nomad reports the errors of such a file.
  return template || extension === 'nomad' || extension === 'hcl' ? { format: 'hcl', template } : undefined;
}

/** Returns whether a JSON text is HCL, where `job` holds the job under its id, as a label. */
function isHclJson(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return (
      valueAt(parsed, 'job') !== undefined &&
      ['ID', 'id', 'Name', 'TaskGroups', 'taskgroups'].every((name) => valueAt(parsed, 'job', name) === undefined)
    );
  } catch {
    return false;
  }
}

function formatOf(text: string): SpecFile['format'] | undefined {
  const begin = text.slice(skipBlank(text, 0), skipBlank(text, 0) + 200);
  if (begin.startsWith('{')) return /"id"\s*:/i.test(text) ? 'json' : 'hcl';
  if (/^(---|%YAML|["']?[A-Za-z]\w*["']?[ \t]*:\s)/.test(begin)) return 'yaml';
  return /^[ \t]*job[ \t]+["\w][^\n=:]*\{/m.test(text) ? 'hcl' : undefined;
}
