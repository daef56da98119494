// The judgement of the token and its policies. Pure.
import { allows, type Holding, rightOf } from '../nomad/index.ts';
import { parseTime } from '../runtime/index.ts';
import { formatDuration } from '../text/index.ts';
import { type Fact, type Finding, findingsOf, isKnown } from './facts.ts';

/** A token of a user that ends within this time is a warning: a week. */
const SOON_MS = 7 * 86_400_000;

/** A right that a feature needs, in the form of `rightOf`. */
export interface Need {
  readonly feature: string;
  readonly right: string;
  readonly namespace: string;
}

/** The rights without which a deploy fails. Without any other, it goes on, with a notice or a warning. */
const DECISIVE =
  /^(?:(?:parse|read|plan|register|revert)-job|promote-deployment|csi-mount-volume|plugin:read|host_volume .*|variables "nomad\/jobs\/[^"]*" (?:read|write)|variables "nomad-deploy\/[^"]*" (?:read|write))$/;

/** The features that go on without their variables. */
const LENIENT = ['hooks'];

/** Returns the result about the token itself. `now` is the time of the cluster, in milliseconds since the epoch. */
export function tokenFinding(holding: Fact<Holding>, source: string | undefined, now: number, isShort: boolean): Finding {
  const { fine, warning, broken, unchecked, failed } = findingsOf('token');
  const of = source === undefined ? '' : ` of ${source}`;
  if (!isKnown(holding)) return holding.code === 'unreachable' ? unchecked(holding.message) : failed(holding);
  switch (holding.is) {
    case 'disabled':
      return source === undefined
        ? fine('the cluster has no ACLs, and needs none')
        : fine(`the cluster has no ACLs, and ignores the token${of}`);
    case 'unknown':
      return broken(
        `the cluster does not know the token${of}, or it has expired`,
        'Set `nomad-token` to a valid token, or log in (`nomad-auth-method`).',
      );
    case 'identity':
      return fine(`the workload identity of the job ${holding.job}`);
    case 'anonymous':
      return warning(
        'there is no token: the run has the rights of the policy `anonymous`',
        'Set `nomad-token`, or log in with `nomad-auth-method`.',
      );
    case 'management':
    case 'client': {
      const left = holding.expiresAt === undefined ? Number.POSITIVE_INFINITY : parseTime(holding.expiresAt) - now;
      if (left <= 0) return broken(`the token${of} has expired`, 'Set `nomad-token` to a new one.');
      if (holding.is === 'management')
        return warning(
          `${holding.words} may do everything`,
          'Use a token with the policies of docs/authentication.md, which a deploy is satisfied with.',
        );
      if (left < SOON_MS && !isShort)
        return warning(`${holding.words} expires in ${formatDuration(left)}`, 'Make a new one in time, or log in.');
      return fine(`${holding.words}`);
    }
  }
}

/** Returns the result about the rights that the features need. */
export function aclFinding(holding: Fact<Holding>, needs: readonly Need[]): Finding {
  const { fine, warning, broken, unchecked } = findingsOf('ACL');
  if (!isKnown(holding)) return unchecked('the token could not be read');
  if (holding.is === 'disabled') return fine('the cluster has no ACLs');
  if (holding.is === 'management') return fine('a management token may do everything');
  if (holding.is === 'unknown') return unchecked('the cluster does not know the token');
  if (holding.is === 'identity') return unchecked('Nomad does not tell the policies of a workload identity');
  if (needs.length === 0) return unchecked('the spec could not be read, which tells the rights that it needs');
  const { rules, unread } = holding;
  const missing = needs.filter(({ right, namespace }) => !allows(rules, right, namespace));
  const features = [...new Set(needs.map(({ feature }) => feature))].join(', ');
  if (missing.length === 0) return fine(`the policies allow all that is needed: ${features}`);
  if (unread.length > 0)
    return unchecked(`the token may not read its ${unread.join(', ')}`, `Compare with docs/authentication.md: ${textOf(missing)}.`);
  const fatal = missing.filter(isDecisive);
  const text = `the token lacks ${textOf(fatal.length > 0 ? fatal : missing)}`;
  const fix = `Policy: ${policyOf(missing)}.`;
  return fatal.length > 0 ? broken(text, fix) : warning(`${text}: a deploy goes on without`, fix);
}

/** Returns the lines of a policy with some rights, the capabilities of each namespace in one block. */
function policyOf(missing: readonly Need[]): string {
  const spaces = new Map<string, Set<string>>();
  const others = new Set<string>();
  for (const { right, namespace } of missing) {
    const isPlain = /^[a-z-]+$/.test(right);
    if (isPlain) spaces.set(namespace, (spaces.get(namespace) ?? new Set()).add(JSON.stringify(right)));
    else others.add(rightOf(right, namespace).lines);
  }
  const plain = [...spaces].map(([namespace, rights]) => `namespace "${namespace}" { capabilities = [${[...rights].join(', ')}] }`);
  return [...plain, ...others].map((lines) => `\`${lines}\``).join(' and ');
}

/** Returns why a token may not register and remove a job that pulls an image, as the end of a sentence; undefined where it may, or where that is not known. */
export function lackingToPull(holding: Fact<Holding>, namespace: string): string | undefined {
  if (!isKnown(holding) || !('rules' in holding) || holding.unread.length > 0) return undefined;
  const missing = ['register-job', 'purge-job'].filter((right) => !allows(holding.rules, right, namespace));
  if (missing.length === 0) return undefined;
  return `the token lacks ${textOf(missing.map((right) => ({ feature: 'pull', right, namespace })))}`;
}

const isDecisive = ({ feature, right }: Need): boolean => DECISIVE.test(right) && !LENIENT.includes(feature);

function textOf(missing: readonly Need[]): string {
  const byRight = new Map<string, string[]>();
  for (const { feature, right, namespace } of missing) {
    const { words } = rightOf(right, namespace);
    byRight.set(words, [...(byRight.get(words) ?? []), feature]);
  }
  return [...byRight].map(([words, features]) => `${words} (${[...new Set(features)].join(', ')})`).join(', ');
}
