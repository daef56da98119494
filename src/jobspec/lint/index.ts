export { CHECKS, type Finding, findingsOf, type LintReport, lintNames, lintSpec, type Rule, requireLints, type Unchecked } from './lint.ts';
export { LINTS } from './table.ts';
