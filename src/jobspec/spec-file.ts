import { basename } from 'node:path';
import { ActionError } from '../errors.ts';
import { readSourceFile, type SourceFile, type SpecPath, wholeJob } from '../inputs/index.ts';
import { skipBlank, valueAt } from '../text/index.ts';
import { BUILT_IN } from './built-in/index.ts';
import { refuseBrackets } from './foreign.ts';
import { compose } from './fragments.ts';
import type { SpecFile } from './types.ts';

/**
 * Reads a job spec (already confined to the workspace, else the built-in template) and its fragments.
 * Throws `input-invalid` when the spec is of no known kind, and for a fragment that holds a whole job; `jobspec-invalid` for a template of another program.
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
    throw new ActionError('input-invalid', `\`job\`: ${file.name} is no job spec that can be read`, {
      hint: 'A job spec is HCL with a `job` block, or a job object in JSON or YAML, whatever its name; a template of one ends in .hbs.',
    });
  }
  return { ...file, ...kind, builtIn: false, fragments: found };
}

/** Many repositories have their whole job in a file called `job.nomad`, which within a `job` block would be an error that nobody understands. */
function requirePart(file: SourceFile): SourceFile {
  const at = wholeJob(file.text);
  if (at === undefined) return file;
  const own = basename(file.name);
  throw new ActionError('input-invalid', `${file.name}:${at.line}: this file holds a whole job, and ${own} is read as a part of one`, {
    hint: `Name the file in \`job\` (\`job: ${own}\`) to deploy it.`,
    location: { file: file.name, ...at },
  });
}

/** What a file is: its name says whether it is a template, its content what else, unless its name says JSON or YAML. */
function kindOf({ name, text }: SourceFile): Pick<SpecFile, 'format' | 'template'> | undefined {
  const template = name.endsWith('.hbs');
  const extension = /\.([^./]+)$/.exec(template ? name.slice(0, -'.hbs'.length) : name)?.[1];
  if (extension === 'json') return { format: !template && isHclJson(text) ? 'hcl' : 'json', template };
  if (extension === 'yaml' || extension === 'yml') return { format: 'yaml', template };
  // What is between braces says nothing about the text that a template gives.
  const format = formatOf(template ? text.replace(/\{{2,3}[^{}]*\}{2,3}/g, '') : text);
  if (format !== undefined) return { format, template };
  // Its mistakes are Nomad's to tell.
  return template || extension === 'nomad' || extension === 'hcl' ? { format: 'hcl', template } : undefined;
}

/** HCL can be written as JSON, too: there, `job` holds the job under its id, as a label. */
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
