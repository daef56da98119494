// The errors of a call, with their hints.

import { ActionError, connectionCode, connectionProblem, messageOf } from '../errors.ts';
import type { Answer, Call, Connection, Holder } from './call.ts';
import { misfit } from './fit.ts';
import { rightOf } from './policy-lines.ts';
import { tlsProblem } from './tls-problem.ts';
import { API_WORDS } from './words.ts';

/** The alert of a TLS server that refuses HTTP/1.1, before any request is sent. */
export const ONLY_HTTP_2 = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';

/** Returns whether a call must not be repeated before the result of the first try is known. */
export function isWrite(call: Call): boolean {
  return isChanging(call) && call.repeatable !== true;
}

/** Returns whether a call changes something. Plan, validate and parse are POST requests without changes; a login can be repeated. */
export function isChanging({ method, path }: Call): boolean {
  return method !== 'GET' && !/^\/v1\/(jobs\/parse|validate\/job|job\/[^/]+\/plan|acl\/login)$/.test(path);
}

/**
 * Returns whether a retry may get another answer. A call that changes nothing is repeated after each status 500 but a known refusal; one that changes something
 * only after a known text.
 */
export function isTransient(call: Call, { status, text }: Answer): boolean {
  if (status === 429) return true;
  const words = nomadsWords(text);
  const neverSent = status === 500 && API_WORDS.neverSent.pattern.test(words);
  if (isWrite(call)) return neverSent;
  if (call.patient === true) return status >= 500;
  if (status !== 500) return status >= 502 && status <= 504;
  const isOwn = isChanging(call) || call.accept?.includes(500) === true;
  return neverSent || API_WORDS.lost.pattern.test(words) || !(isOwn || API_WORDS.refused.pattern.test(words));
}

/** Returns whether a write may have taken effect although it failed: a gateway or a server lost the answer. */
export function isLost(call: Call, { status, text }: Answer): boolean {
  return isWrite(call) && ([502, 503, 504].includes(status) || (status === 500 && API_WORDS.lost.pattern.test(nomadsWords(text))));
}

/** Returns whether Nomad denied the call. A page would be that of a proxy. */
export function isDenied({ status, text }: Answer): boolean {
  const words = nomadsWords(text);
  return (
    status === 401 ||
    (status === 403 && !API_WORDS.disabled.pattern.test(words)) ||
    (status === 500 && API_WORDS.deniedToken.pattern.test(words))
  );
}

/** Returns whether a status 500 may mean anything, because its text is unknown. */
export function isUnclear({ status, text }: Answer): boolean {
  const { neverSent, lost, refused, deniedToken } = API_WORDS;
  const words = nomadsWords(text);
  return status === 500 && ![neverSent, lost, refused, deniedToken].some(({ pattern }) => pattern.test(words));
}

/** Returns the error of an answer that is not from Nomad's API; undefined otherwise, and for a lost write. */
export function notNomad(
  call: Call,
  { status, text, json, index }: Answer,
  address: string,
  location: string | undefined,
): ActionError | undefined {
  if (isWrite(call) && status >= 502) return undefined;
  if (status >= 300 && status < 400) {
    const to = location !== undefined && URL.canParse(location, address) ? ` to ${new URL(location, address).origin}` : '';
    return new ActionError('unreachable', `${address} answered ${status}, a redirect${to}; redirects are not followed`, {
      hint: 'Set `nomad-addr` to the address of Nomad itself. For a proxy with a login, set `nomad-headers`.',
    });
  }
  // Only a log of Nomad may look like a page.
  if (/^\s*<(!doctype|html)/i.test(text) && !call.path.startsWith('/v1/client/fs/')) {
    const error = new ActionError('unreachable', `${address} answered ${status} with a web page, which is not from Nomad`, {
      hint: 'Check `nomad-addr`. For a proxy with a login in front of Nomad, set `nomad-headers`.',
    });
    return isWrite(call) && status === 200 ? unknownOutcome(call, error) : error;
  }
  // Nomad's 404 has an index or names the missing object, and its other answers are JSON.
  const isMissing = index > 0 || API_WORDS.notFound.pattern.test(text);
  const foreign = status === 404 ? namesObjects(call) && !isMissing : status === 200 && !isNomads(call, json);
  if (foreign) {
    const error = new ActionError('unreachable', `${address} answered ${status} with text that is not from Nomad`, {
      hint: 'Check `nomad-addr`, and the proxy in front of Nomad.',
    });
    return isWrite(call) ? unknownOutcome(call, error) : error;
  }
  const wrong = status === 200 ? misfit(call, json) : undefined;
  if (wrong !== undefined) {
    const words = `${address} answered ${call.method} ${call.path} in another form than Nomad: ${wrong}`;
    const error = new ActionError('unreachable', words, { hint: 'Check `nomad-addr`, and the proxy in front of Nomad.' });
    return isWrite(call) ? unknownOutcome(call, error) : error;
  }
  if (status === 400 && text.includes('HTTP request to an HTTPS server')) {
    return new ActionError('unreachable', `${address} requires TLS`, { hint: 'Begin `nomad-addr` with https://.' });
  }
  return undefined;
}

/** Returns whether a 404 to a call is about an object of the servers. A client has no index for its answers. */
function namesObjects({ patient, accept, path }: Call): boolean {
  return patient === true || (accept?.includes(404) === true && !path.startsWith('/v1/client/'));
}

/** Returns whether JSON has the form of Nomad's answer to a call. */
function isNomads({ gives }: Call, json: unknown): boolean {
  if (gives === 'text' || gives === 'stream') return true;
  if (json === null || typeof json !== 'object') return json === null && gives !== 'object';
  return gives === undefined || (gives === 'list' ? Array.isArray(json) : 'ID' in json);
}

/** Returns the error of a refused call: `permission-denied`, `unknown-outcome`, or `nomad-refused` with Nomad's own words. */
export function nomadRefusal(call: Call, answer: Answer, address: string, holder: Holder): ActionError {
  const { status, text } = answer;
  const words = nomadsWords(text);
  if (isDenied(answer) || holder.is === 'unknown') {
    const isProxys = status === 403 && !API_WORDS.denied.pattern.test(words);
    const hint = `${deniedHint(call, holder, status)}${isProxys ? ' The text is not known from Nomad: a proxy in front of it may have denied the call.' : ''}`;
    return new ActionError('permission-denied', `Nomad at ${address} answered ${status}: ${words}`, {
      hint,
      needsLogin: holder.is === 'none' || holder.is === 'unknown',
    });
  }
  if (isLost(call, answer)) {
    const said = status === 500 ? `: ${words}` : '';
    return unknownOutcome(call, new ActionError('unreachable', `${address} answered ${status} to ${call.method} ${call.path}${said}`));
  }
  return new ActionError('nomad-refused', `Nomad answered ${status} to ${call.method} ${call.path}: ${words}`);
}

const UPGRADES = 'Exec sessions are web sockets: let the proxy in front of Nomad pass on the headers Upgrade and Connection.';

/** Returns the error of a server that answered the request of a web socket like any other one. */
export function socketRefusal({ status, text }: Pick<Answer, 'status' | 'text'>, address: string): ActionError {
  const told = text.trim() === '' ? '' : `: ${nomadsWords(text).replaceAll(/(?<!\s)\s*\n\s*/g, ': ')}`;
  return new ActionError('unreachable', `${address} answered ${status} and opened no web socket${told}`, { hint: UPGRADES });
}

/** Returns the error of a server that has no HTTP/1.1, which a web socket begins with; undefined for other errors. */
export function socketProblem(error: unknown, address: string): ActionError | undefined {
  if (connectionCode(error) !== ONLY_HTTP_2) return undefined;
  return new ActionError('unreachable', `${address} takes HTTP/2 only, so there are no exec sessions`, {
    hint: 'Exec sessions are web sockets, which begin with HTTP/1.1: let the server take that, too.',
    cause: error,
  });
}

/** Returns the hint of a denied call, with the needed rights, which Nomad's answer does not name. */
function deniedHint({ capability, needs = [], namespace = 'default' }: Call, holder: Holder, status: number): string {
  const rights = [capability, ...needs].map((one) => rightOf(one, namespace));
  const wanted = rights.map(({ words }) => words).join(' and ');
  const older = rights.some(({ partOfSubmit }) => partOfSubmit) ? ' (before Nomad 1.11.2: `submit-job`)' : '';
  const policy = `Policy: ${rights.map(({ lines }) => `\`${lines}\``).join(' and ')}${older}.`;
  switch (holder.is) {
    case 'none':
      return `There is no token: set \`nomad-token\` to one that allows ${wanted}. ${policy}`;
    case 'unknown':
      return `The token is unknown to this cluster, or has expired: set \`nomad-token\` to one that allows ${wanted}. ${policy}`;
    case 'logged-in':
      return `This server does not know the token of the login: check that all servers behind this address are in one region. ${policy}`;
    case 'known':
      return `${holder.words} must allow ${wanted}. ${policy}`;
    case 'identity': {
      const own = `the workload identity of the job ${holder.job}`;
      // A server that takes no identity for a call looks for it among its ACL tokens, and answers 500 in place of 403.
      if (status === 500) return `The token is ${own}, which this server does not take for this request. ${PLANNING}`;
      const bound = `Bind the policy to the job (nomad acl policy apply -namespace ${holder.namespace} -job ${holder.job}).`;
      return `The token is ${own}, and must allow ${wanted}. ${policy} ${bound}${capability === 'plan-job' ? ` ${PLANNING}` : ''}`;
    }
    case 'unclear':
      return `The token must be valid and allow ${wanted}. ${policy}`;
  }
}

/** The advice about a workload identity that a server refuses whatever its policies are. */
const PLANNING =
  'Nomad plans with a workload identity from version 2.0.4 on (Enterprise: 1.11.8 and 1.10.14): update the servers, or set `nomad-token` to an ACL token.';

/** Returns the error of a sent write without an answer: it may have taken effect. */
export function unknownOutcome({ path }: Call, { message, cause }: ActionError): ActionError {
  return new ActionError('unknown-outcome', message, {
    cause,
    hint: `The write to ${path} may have taken effect.`,
  });
}

/** The longest text, longer than Nomad's about any job. Another server may send pages. */
const MAX_WORDS = 65_536;

/** Returns Nomad's text of an error without the prefix of its RPC layer. A long text is cut after a word, because the redactor can't find a cut secret. */
export function nomadsWords(text: string): string {
  const words = text.trim().replace(/^(RPC Error:: ?\d+, ?|rpc error: )+/, '');
  if (words.length > MAX_WORDS)
    return `${words
      .slice(0, MAX_WORDS)
      .replace(/(?<!\S)\S*$/, '')
      .trimEnd()} …`;
  return words === '' ? 'no text' : words;
}

/** Returns the status of a proxy that refused the connection, from undici's text; undefined for other errors. */
export function proxyAnswer(error: unknown): number | undefined {
  const [, tunnel, forward] = /Proxy (?:response \((\d+)\)|Authentication Required \((\d+)\))/.exec(messageOf(error)) ?? [];
  return tunnel === undefined && forward === undefined ? undefined : Number(tunnel ?? forward);
}

/**
 * Returns the error of a call without an answer, `unreachable`. `answered` says whether any call had an answer, and `proxy` is the address of the proxy for
 * messages.
 */
export function connectionError(
  error: unknown,
  call: Call,
  { address, tls, answered }: Pick<Connection, 'address' | 'tls'> & { readonly answered: boolean },
  proxy: string | undefined,
): ActionError {
  const code = connectionCode(error);
  const refused = proxyAnswer(error);
  const problem = refused === undefined ? tlsProblem(code, tls) : proxyProblem(refused, proxy);
  // A server that requires a client certificate ends the connection before its first answer, and sends no GOAWAY.
  const closed =
    code === 'UND_ERR_SOCKET' &&
    !answered &&
    !messageOf(error).includes('GOAWAY') &&
    address.startsWith('https:') &&
    tls?.cert === undefined;
  const what = problem?.what ?? connectionProblem(error);
  const between =
    proxy === undefined ? '' : `, the proxy ${proxy}${proxy.endsWith('`nomad-via`') ? '' : ' (unless NO_PROXY names the host)'}`;
  return new ActionError('unreachable', `cannot reach Nomad at ${address} (${call.method} ${call.path}): ${what}`, {
    hint:
      problem?.hint ??
      (closed
        ? 'If the server requires a client certificate, set `nomad-client-cert` and `nomad-client-key`.'
        : `Check \`nomad-addr\`${between}, and that this runner can reach the cluster.`),
    cause: error,
  });
}

function proxyProblem(status: number, proxy: string | undefined): { readonly what: string; readonly hint: string } {
  return {
    what: `the proxy${proxy === undefined ? '' : ` ${proxy}`} answered ${status}`,
    hint:
      status === 407
        ? 'Add user and password to the address of the proxy: http://user:password@proxy.example.com:3128.'
        : 'Allow this host and port in the proxy, or add the host to NO_PROXY.',
  };
}
