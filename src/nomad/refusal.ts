// The errors of a call, with their hints.

import { ActionError, connectionCode, connectionProblem, messageOf } from '../errors.ts';
import type { Answer, Call, Connection, Holder } from './call.ts';
import { rightOf } from './policy-lines.ts';
import { tlsProblem } from './tls-problem.ts';

/** Texts of a transient status 500: an election, or a lost connection between servers. */
const TRANSIENT =
  /No cluster leader|Not ready to serve consistent reads|rpc error|connection (refused|reset)|lead thread didn't get connection|failed to get conn/i;
/** Texts of a write that never left the asked server. */
const NEVER_SENT = /No cluster leader|failed to get conn/i;

/** Returns whether a call must not be repeated before the result of the first try is known. */
export function isWrite(call: Call): boolean {
  return isChanging(call) && call.repeatable !== true;
}

/** Returns whether a call changes something. Plan, validate and parse are POST requests without changes; a login can be repeated. */
export function isChanging({ method, path }: Call): boolean {
  return method !== 'GET' && !/^\/v1\/(jobs\/parse|validate\/job|job\/[^/]+\/plan|acl\/login)$/.test(path);
}

/** Returns whether a retry may get another answer. */
export function isTransient(call: Call, { status, text }: Answer): boolean {
  if (isWrite(call)) return status === 429 || (status === 500 && NEVER_SENT.test(text));
  if (call.patient === true) return status === 429 || status >= 500;
  return [429, 502, 503, 504].includes(status) || (status === 500 && TRANSIENT.test(text));
}

/** Returns whether Nomad itself denied the call. A page would be that of a proxy. */
export function isDenied({ status, text }: Answer): boolean {
  return (
    status === 401 ||
    (status === 403 && /permission denied|token/i.test(text)) ||
    (status === 500 && /ACL token (expired|not found)/.test(text))
  );
}

/** Returns the error of an answer that is not from Nomad's API; undefined otherwise, and for a lost write. */
export function notNomad(
  call: Call,
  { status, text, json }: Answer,
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
    return new ActionError('unreachable', `${address} answered ${status} with a web page, which is not from Nomad`, {
      hint: 'Check `nomad-addr`. For a proxy with a login in front of Nomad, set `nomad-headers`.',
    });
  }
  // Nomad's 404 names the missing object, and its other answers are JSON.
  const foreign =
    status === 404 ? call.patient === true && !/^(?!404)[\w\s]+ not found/.test(text) : status === 200 && !isNomads(call, json);
  if (foreign) {
    const error = new ActionError('unreachable', `${address} answered ${status} with text that is not from Nomad`, {
      hint: 'Check `nomad-addr`, and the proxy in front of Nomad.',
    });
    return isWrite(call) ? unknownOutcome(call, error) : error;
  }
  if (status === 400 && text.includes('HTTP request to an HTTPS server')) {
    return new ActionError('unreachable', `${address} requires TLS`, { hint: 'Begin `nomad-addr` with https://.' });
  }
  return undefined;
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
  if (isDenied(answer)) {
    return new ActionError('permission-denied', `Nomad at ${address} answered ${status}: ${words}`, {
      hint: deniedHint(call, holder),
      needsLogin: holder.is === 'none' || holder.is === 'unknown',
    });
  }
  if (isWrite(call) && [502, 503, 504].includes(status)) {
    return unknownOutcome(call, new ActionError('unreachable', `${address} answered ${status} to ${call.method} ${call.path}`));
  }
  return new ActionError('nomad-refused', `Nomad answered ${status} to ${call.method} ${call.path}: ${words}`);
}

/** Returns the hint of a denied call, with the needed rights, which Nomad's answer does not name. */
function deniedHint({ capability, needs = [], namespace = 'default' }: Call, holder: Holder): string {
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
    case 'unclear':
      return `The token must be valid and allow ${wanted}. ${policy}`;
  }
}

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
  const between = proxy === undefined ? '' : `, the proxy ${proxy} (unless NO_PROXY names the host)`;
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
