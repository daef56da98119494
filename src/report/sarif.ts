// The findings of `lint` in SARIF 2.1.0, with the parts that GitHub's code scanning reads: https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
import { createHash } from 'node:crypto';
import { CHECKS, type Finding, LINTS, type Rule } from '../jobspec/index.ts';
import { keysOf } from '../text/index.ts';

/** The file of findings without a place: GitHub shows none without a location. */
const NO_FILE = 'nomad-deploy.yml';
const GUIDE = 'https://github.com/org/nomad-deploy/blob/main/docs/lint.md';
/** GitHub reads 25,000 results of a run, and shows 5,000. */
const MAX_RESULTS = 5_000;

const RULES: readonly { readonly id: Rule; readonly finds: string; readonly why: string; readonly fix: string }[] = [
  ...keysOf(CHECKS).map((id) => ({ id, finds: CHECKS[id], why: 'A deploy would be refused.', fix: 'The message says it.' })),
  ...keysOf(LINTS).map((id) => ({ id, ...LINTS[id] })),
];

/** Returns the findings as a SARIF log of one run. Paths are relative to the root of the checkout. */
export function sarifOf(findings: readonly Finding[]): object {
  const seen = new Map<string, number>();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'nomad-deploy',
            informationUri: GUIDE,
            rules: RULES.map(({ id, finds, why, fix }) => ({
              id,
              name: id,
              shortDescription: { text: finds },
              fullDescription: { text: why },
              help: { text: `${why} ${fix}`, markdown: `${why}\n\n${fix}` },
              helpUri: GUIDE,
              defaultConfiguration: { level: id in CHECKS ? 'error' : 'warning' },
              properties: { tags: ['nomad'] },
            })),
          },
        },
        // Code scanning closes the alerts of a category that a later file does not have.
        automationDetails: { id: 'nomad-deploy/lint/' },
        columnKind: 'utf16CodeUnits',
        results: findings.slice(0, MAX_RESULTS).map((finding) => resultOf(finding, seen)),
      },
    ],
  };
}

function resultOf({ rule, level, text, fix, location }: Finding, seen: Map<string, number>): object {
  const file = location?.file ?? NO_FILE;
  // An alert is the same one as long as its text is, also on another line.
  const hash = createHash('sha256').update(`${rule}\n${file}\n${text}`).digest('hex').slice(0, 32);
  const number = (seen.get(hash) ?? 0) + 1;
  seen.set(hash, number);
  return {
    ruleId: rule,
    ruleIndex: RULES.findIndex(({ id }) => id === rule),
    level,
    message: { text: `${text}.${fix === undefined ? '' : ` ${fix}`}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
          region: { startLine: location?.line ?? 1, ...(location?.column === undefined ? {} : { startColumn: location.column }) },
        },
      },
    ],
    partialFingerprints: { 'nomadDeployLint/v1': `${hash}:${number}` },
  };
}
