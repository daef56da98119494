export { CHECKS, type Finding, findingsOf, type LintReport, lintSpec, type Rule, requireLints } from './lint.ts';
export { LINTS } from './table.ts';
