// The table of the lints in docs/lint.md; `npm run docs` writes it.
import { LINTS } from '../src/jobspec/lint/table.ts';
import { linked, table } from './reference.ts';

/** Returns the lints as a table in Markdown. */
export function lintTable(): string {
  return table(
    ['name', 'finds', 'why', 'fix'],
    Object.entries(LINTS).map(([name, { finds, why, fix }]) => [`\`${name}\``, finds, linked(why, 'docs/'), linked(fix, 'docs/')]),
  );
}
