import { type Fact, type Finding, findingsOf, isKnown } from './facts.ts';

/** The lines of Nomad that the tests run with: docs/versions.md. A unit test holds them against the versions of the tests. */
export const TESTED_LINES: readonly string[] = ['1.9', '1.10', '1.11', '2.0', '2.1'];

/** Returns the result about the version of the servers; `ofNodes` has the versions of the nodes, for a token that may not read that of the servers. */
export function versionFinding(version: Fact<string | undefined>, ofNodes: readonly string[]): Finding {
  const { fine, warning, unchecked } = findingsOf('version');
  const told = isKnown(version) ? version : undefined;
  const all = told === undefined ? [...new Set(ofNodes)] : [told];
  if (all.length === 0)
    return unchecked('the token may not read it (`agent:read`, or `node:read`)', 'Policy: `agent { policy = "read" }`.');
  const text = told === undefined ? `the nodes have ${all.join(', ')}` : told;
  const [other] = all.filter((one) => !TESTED_LINES.includes(lineOf(one)));
  if (other === undefined) return fine(text);
  return isOlder(other)
    ? warning(
        `${text}, older than ${TESTED_LINES[0]}, the oldest that is tested`,
        'Update Nomad: docs/versions.md has what older versions lack.',
      )
    : warning(
        `${text}, which is not among the tested ones (${TESTED_LINES.join(', ')})`,
        'Deploy to another cluster of this version first.',
      );
}

const lineOf = (version: string): string => /^\d+\.\d+/.exec(version)?.[0] ?? '';

function isOlder(version: string): boolean {
  const [[major = 0, minor = 0] = [], [oldest = 0, least = 0] = []] = [lineOf(version), TESTED_LINES[0] ?? ''].map((line) =>
    line.split('.').map(Number),
  );
  return major < oldest || (major === oldest && minor < least);
}
