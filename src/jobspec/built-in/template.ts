import { readdir, readFile } from 'node:fs/promises';
import { TEMPLATES } from '../../templates.ts';
import { renderTemplate } from '../template.ts';
import { type ServiceOptions, serviceData } from './service.ts';
import type { Values } from './variables.ts';

/** The users' name for the template. */
export const BUILT_IN = 'built-in template';

/** Renders the HCL of the built-in template: that of a service, or with `IS_BATCH` that of a batch job. Equal values give equal text. */
export async function renderBuiltIn(values: Values, options: ServiceOptions): Promise<string> {
  return renderTemplateOf(values, serviceData(values, options));
}

/** Renders the template of a service or a batch job with its data. */
export async function renderTemplateOf(values: Values, data: Readonly<Record<string, unknown>>): Promise<string> {
  const { source, partials } = await readTemplate(values['IS_BATCH'] === true ? 'batch' : 'service');
  const { text } = await renderTemplate(source, data, BUILT_IN, { partials });
  // Handlebars indents the blank lines of a partial, too. Values have no line ends, because they are escaped.
  return text.replace(/^ +$/gm, '');
}

/** Reads a template and all partials, by name. */
async function readTemplate(kind: 'batch' | 'service'): Promise<{ source: string; partials: Record<string, string> }> {
  const read = async (file: string): Promise<string> => readFile(new URL(file, TEMPLATES), 'utf8');
  const names = (await readdir(new URL('partials/', TEMPLATES))).map((file) => file.replace(/\.hbs$/, ''));
  const [source, ...texts] = await Promise.all([read(`${kind}.nomad.hcl.hbs`), ...names.map(async (name) => read(`partials/${name}.hbs`))]);
  return { source, partials: Object.fromEntries(names.map((name, i) => [name, texts[i] ?? ''])) };
}
