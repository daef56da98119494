// The judgement of the way to Nomad: from its address to its leader. Pure.
import { X509Certificate } from 'node:crypto';
import { type Certificate, type Tls, tlsProblem, type Way } from '../nomad/index.ts';
import { isoTime, parseTime } from '../runtime/index.ts';
import { formatDuration } from '../text/index.ts';
import { type Finding, findingsOf, isKnown } from './facts.ts';

/** A certificate that ends within this time is a warning: two weeks. */
const SOON_MS = 14 * 86_400_000;
const DAY_MS = 86_400_000;

/** From this middle time of a request on, a deploy is noticeably slower: it sends some tens, one after the other. */
const SLOW_MS = 500;

/** Clocks further apart are a warning. Nomad's servers take an ID token that is early or late by 150 s at most. */
const SKEW_MS = 5_000;
const LEEWAY_MS = 150_000;

/** The settings of the connection, and the time by the clock of the runner. */
export interface Told {
  /** The input or variable that gives the address. */
  readonly source: string;
  readonly tls: Tls | undefined;
  readonly hasToken: boolean;
  readonly hasLogin: boolean;
  readonly now: number;
}

/** Returns the results about the way, in the order of its steps. Later steps are not checked where an earlier one fails. */
export function wayFindings(way: Way, told: Told): Finding[] {
  return [addressFinding(way, told), ...beforeTls(way), ...tlsFindings(way, told), ...answerFindings(way, told)];
}

/** Returns whether Nomad answers, so that it can be asked. */
export function answers({ answer }: Way): boolean {
  return answer !== undefined && isKnown(answer) && answer.leader !== '';
}

function addressFinding({ address, scheme }: Way, { source, hasToken, hasLogin }: Told): Finding {
  const { fine, warning } = findingsOf('address');
  const isOpen = scheme === 'http' && !/^http:\/\/(127\.|localhost[:/]|localhost$|\[::1\])/.test(address);
  if (isOpen && (hasToken || hasLogin))
    return warning(`${address} (${source}) has no TLS: everybody on the way can read the token`, 'Begin `nomad-addr` with https://.');
  return fine(`${address} (${source})`);
}

function beforeTls({ scheme, name, proxy, refusedByProxy, connection }: Way): Finding[] {
  const [dns, through, port] = [findingsOf('DNS'), findingsOf('proxy'), findingsOf('connection')];
  const looked =
    name === undefined
      ? dns.fine(
          proxy === undefined ? (scheme === 'unix' ? 'a socket has no name' : 'the address is no name') : `${proxy} looks the name up`,
        )
      : isKnown(name)
        ? dns.fine(`${name.host} is ${name.addresses.join(', ')}`)
        : dns.failed(name);
  const between =
    proxy === undefined
      ? through.fine('none')
      : refusedByProxy && connection !== undefined && !isKnown(connection)
        ? through.failed(connection)
        : through.fine(proxy);
  const unnamed = name !== undefined && !isKnown(name);
  const open =
    connection === undefined || unnamed
      ? port.unchecked('the name is unknown')
      : refusedByProxy
        ? port.unchecked('the proxy refuses it')
        : isKnown(connection)
          ? port.fine('open')
          : port.failed(connection);
  return [looked, between, open];
}

const UNREACHED = 'Nomad cannot be reached';

function tlsFindings({ scheme, tls, connection }: Way, told: Told): Finding[] {
  const { fine, warning, broken, unchecked } = findingsOf('TLS');
  if (scheme !== 'https') return [fine('the address asks for none')];
  if (tls === undefined)
    return [connection !== undefined && isKnown(connection) ? warning('the certificate could not be read') : unchecked(UNREACHED)];
  const [own] = tls.chain;
  const about = own === undefined ? 'no certificate' : `${own.subject}, signed by ${own.issuer}, until ${dayOf(own.notAfter)}`;
  const problem = tls.problem === undefined ? undefined : (tlsProblem(tls.problem, told.tls) ?? { what: tls.problem, hint: undefined });
  if (problem !== undefined && told.tls?.skipVerify === true)
    return [
      warning(
        `${problem.what}, and \`nomad-skip-verify\` accepts it (${about})`,
        `${problem.hint ?? ''} Then remove \`nomad-skip-verify\`.`.trim(),
      ),
    ];
  if (problem !== undefined) return [broken(`${problem.what} (${about}${namesOf(own)})`, problem.hint)];
  const ours = clientFinding(told);
  if (ours !== undefined) return [ours];
  const soon = tls.chain.find(({ notAfter }) => notAfter - told.now < SOON_MS);
  if (soon !== undefined) {
    const text = `the certificate ${soon.subject} expires in ${daysOf(soon.notAfter - told.now)}`;
    return [warning(text, 'Renew the certificate of the Nomad server.')];
  }
  return [fine(`${tls.protocol}, ${about}`)];
}

/** Returns the result about the client certificate of the run; undefined without one, and for one that lasts. */
function clientFinding({ tls, now }: Told): Finding | undefined {
  const { warning, broken } = findingsOf('TLS');
  if (tls?.cert === undefined) return undefined;
  const { validTo } = new X509Certificate(tls.cert);
  const left = parseTime(validTo) - now;
  const fix = 'Set `nomad-client-cert` and `nomad-client-key` to a new pair.';
  if (left <= 0) return broken(`the client certificate has expired on ${dayOf(parseTime(validTo))}`, fix);
  return left < SOON_MS ? warning(`the client certificate expires in ${daysOf(left)}`, fix) : undefined;
}

function daysOf(ms: number): string {
  const days = Math.max(0, Math.floor(ms / DAY_MS));
  return `${days} day${days === 1 ? '' : 's'}`;
}

const dayOf = (ms: number): string => (Number.isFinite(ms) ? isoTime(ms).slice(0, 10) : 'an unknown day');

/** The longest list of names of a certificate. */
const MAX_NAMES = 300;
const namesOf = (own: Certificate | undefined): string =>
  own === undefined || own.names === '' ? '' : `, for ${own.names.slice(0, MAX_NAMES)}`;

function answerFindings({ answer, connection, tls }: Way, { hasLogin }: Told): Finding[] {
  const [http, latency, clock, leader] = [findingsOf('HTTP'), findingsOf('latency'), findingsOf('clock'), findingsOf('leader')];
  const reached = connection !== undefined && isKnown(connection);
  if (answer === undefined || !isKnown(answer)) {
    const why = reached ? (tls?.problem === undefined ? 'Nomad gave no answer' : 'the certificate does not hold') : UNREACHED;
    const first = answer === undefined ? http.unchecked(why) : http.failed(answer);
    return [first, ...[latency, clock, leader].map(({ unchecked }) => unchecked(why))];
  }
  const { version, latenciesMs, skewMs } = answer;
  return [
    version === 'HTTP/1.1'
      ? http.fine(version)
      : http.warning('the server takes HTTP/2 only, so there are no exec sessions (`ssh`, `tunnel`)', 'Let the server take HTTP/1.1, too.'),
    latencyFinding(latenciesMs),
    skewMs === undefined ? clock.unchecked('the answer has no header `Date`') : clockFinding(skewMs, hasLogin),
    answer.leader === ''
      ? leader.broken('the servers have no leader, so they take no job', 'Look at the servers: `nomad server members`, and their logs.')
      : leader.fine(answer.leader),
  ];
}

function latencyFinding(all: readonly number[]): Finding {
  const { fine, warning } = findingsOf('latency');
  const middle = all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  return middle < SLOW_MS
    ? fine(`${middle} ms`)
    : warning(
        `a request takes ${formatDuration(middle)}, and a deploy sends some tens, one after the other`,
        'Use a runner nearer to the cluster.',
      );
}

function clockFinding(skewMs: number, hasLogin: boolean): Finding {
  const { fine, warning, broken } = findingsOf('clock');
  const off = Math.abs(skewMs);
  if (off <= SKEW_MS) return fine('as that of the runner');
  const text = `the clock of the server is ${formatDuration(off)} ${skewMs > 0 ? 'ahead of' : 'behind'} that of the runner`;
  const fix = 'Set both clocks by NTP (`timedatectl`).';
  return hasLogin && off > LEEWAY_MS ? broken(`${text}: Nomad refuses GitHub's ID tokens, which allow 150 s`, fix) : warning(text, fix);
}
