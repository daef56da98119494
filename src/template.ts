import { ActionError, messageOf } from './errors.ts';
import { type HclValue, hclLiteral } from './hcl.ts';
import { slug } from './slug.ts';

/**
 * Renders a Handlebars template of a job spec. A name that the data does not have is an error with file and line; nothing is
 * HTML-escaped. Helpers: `hcl` (a value as an HCL literal), `json`, `slug`, `indent` (spaces before every line but the first).
 */
export async function renderTemplate(source: string, data: Readonly<Record<string, unknown>>, file: string): Promise<string> {
  const { default: handlebars } = await import('handlebars');
  const engine = handlebars.create();
  engine.registerHelper('hcl', (value: HclValue) => hclLiteral(value));
  engine.registerHelper('json', (value: unknown) => JSON.stringify(value));
  engine.registerHelper('slug', (value: string) => slug(value));
  engine.registerHelper('indent', (spaces: number, text: string) => text.replace(/\n(?=.)/g, `\n${' '.repeat(spaces)}`));
  try {
    return engine.compile(source, { strict: true, noEscape: true })(data);
  } catch (error) {
    const message = messageOf(error);
    const at = /(?:line |- )(\d+)(?::(\d+))?/.exec(message);
    throw new ActionError('jobspec-invalid', `${file}${at === null ? '' : `:${at[1]}`}: ${message.split('\n')[0] ?? message}`, {
      location: { file, ...(at === null ? {} : { line: Number(at[1]) }) },
      hint: 'Names in a template must be given; see docs/templates.md.',
      cause: error,
    });
  }
}
