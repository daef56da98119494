// What went wrong with a call, in words, and what to do about it.

import { ActionError, connectionCode, connectionProblem, messageOf } from '../errors.ts';
import type { Answer, Call, Holder, Tls } from './call.ts';
import { rightOf } from './policy-lines.ts';
import { tlsProblem } from './tls-problem.ts';

/** Texts of status 500 that mean an election or a lost connection between servers, not a mistake of ours. */
const TRANSIENT =
  /No cluster leader|Not ready to serve consistent reads|rpc error|connection (refused|reset)|lead thread didn't get connection|failed to get conn/i;
/** Texts that say that a write never left the server that we asked. */
const NEVER_SENT = /No cluster leader|failed to get conn/i;

/** Whether a call must not be sent twice without a look at what the first one did. */
export function isWrite(call: Call): boolean {
  return changes(call) && call.repeatable !== true;
}

/** Whether a call changes anything: plan, validate and parse are sent as POST, but only ask; a login can be repeated. */
export function changes({ method, path }: Call): boolean {
  return method !== 'GET' && !/^\/v1\/(jobs\/parse|validate\/job|job\/[^/]+\/plan|acl\/login)$/.test(path);
}

/** Whether the same call may get another answer in a moment. */
export function isTransient(call: Call, { status, text }: Answer): boolean {
  if (isWrite(call)) return status === 429 || (status === 500 && NEVER_SENT.test(text));
  if (call.patient === true) return status === 429 || status >= 500;
  return [429, 502, 503, 504].includes(status) || (status === 500 && TRANSIENT.test(text));
}

/** Whether Nomad did not let the call in; a page is that of a proxy. */
export function isDenied({ status, text }: Answer): boolean {
  return (
    status === 401 ||
    (status === 403 && /permission denied|token/i.test(text)) ||
    (status === 500 && /ACL token (expired|not found)/.test(text))
  );
}

/** Answers that show that something else than Nomad's API listens there. A lost write is a case of its own. */
export function notNomad(
  call: Call,
  { status, text, json }: Answer,
  address: string,
  location: string | undefined,
): ActionError | undefined {
  if (isWrite(call) && status >= 502) return undefined;
  if (status >= 300 && status < 400) {
    const to = location !== undefined && URL.canParse(location, address) ? ` to ${new URL(location, address).origin}` : '';
    return new ActionError('unreachable', `${address} answered ${status}, a redirect${to}; the token is not sent on`, {
      hint: 'Set `nomad-addr` to where Nomad itself answers; a proxy that wants a login takes it by `nomad-headers`.',
    });
  }
  // A log may hold a page; nothing else of Nomad's is one.
  if (/^\s*<(!doctype|html)/i.test(text) && !call.path.startsWith('/v1/client/fs/')) {
    return new ActionError('unreachable', `${address} answered ${status} with a web page: a proxy or another server, not Nomad`, {
      hint: 'Check `nomad-addr`, and whether the proxy in front of Nomad wants to be authenticated to (`nomad-headers`).',
    });
  }
  // Nomad says what it does not have, and answers in JSON.
  if (call.patient === true && (status === 404 ? !/^(?!404)[\w\s]+ not found/.test(text) : status === 200 && !isNomads(call, json))) {
    return new ActionError('unreachable', `${address} answered ${status}, not in Nomad's words: a proxy or another server`, {
      hint: 'Check what answers at `nomad-addr`.',
    });
  }
  if (status === 400 && text.includes('HTTP request to an HTTPS server')) {
    return new ActionError('unreachable', `${address} wants TLS`, { hint: 'Let `nomad-addr` begin with https://.' });
  }
  return undefined;
}

/** Returns whether JSON has the form of Nomad's answer to a call; another form is another server's. */
function isNomads({ gives }: Call, json: unknown): boolean {
  if (json === null || typeof json !== 'object') return json === null && gives !== 'object';
  return gives === undefined || (gives === 'list' ? Array.isArray(json) : 'ID' in json);
}

/** An answer that is not the one the caller wanted: `permission-denied`, `unknown-outcome`, or `nomad-refused` with Nomad's own words. */
export function refusal(call: Call, answer: Answer, address: string, holder: Holder): ActionError {
  const { status, text } = answer;
  const words = nomadsWords(text);
  if (isDenied(answer)) {
    return new ActionError('permission-denied', `Nomad at ${address} answered ${status}: ${words}`, { hint: deniedHint(call, holder) });
  }
  if (isWrite(call) && [502, 503, 504].includes(status)) {
    return unknownOutcome(call, new ActionError('unreachable', `${address} answered ${status} to ${call.method} ${call.path}`));
  }
  return new ActionError('nomad-refused', `Nomad answered ${status} to ${call.method} ${call.path}: ${words}`);
}

/** Nomad never says what it was that is not allowed: the call knows. */
function deniedHint({ capability, needs = [], namespace = 'default' }: Call, holder: Holder): string {
  const rights = [capability, ...needs].map((one) => rightOf(one, namespace));
  const wanted = rights.map(({ words }) => words).join(' and ');
  const older = rights.some(({ partOfSubmit }) => partOfSubmit) ? ' (before Nomad 1.11.2: `submit-job`)' : '';
  const policy = `In a policy: ${rights.map(({ lines }) => `\`${lines}\``).join(' and ')}${older}.`;
  switch (holder.is) {
    case 'nobody':
      return `No token was given: set \`nomad-token\` to one that allows ${wanted}. ${policy}`;
    case 'unknown':
      return `This cluster does not know the token, or it has expired: set \`nomad-token\` to one that allows ${wanted}. ${policy}`;
    case 'logged-in':
      return `The login gave a token that this server does not know (yet): are all servers behind this address of one region? ${policy}`;
    case 'known':
      return `${holder.words} must allow ${wanted}. ${policy}`;
    case 'unclear':
      return `The token must be valid and allow ${wanted}. ${policy}`;
  }
}

/** Once sent, a write may have taken effect: only the caller can tell, by reading back. */
export function unknownOutcome({ path }: Call, { message, cause }: ActionError): ActionError {
  return new ActionError('unknown-outcome', message, {
    cause,
    hint: `Whether the write to ${path} took effect is not known.`,
  });
}

/** More than Nomad writes about a job; what answers in its place may write pages. */
const MAX_WORDS = 65_536;

/** Nomad's text of an error, without the wrapping that its RPC layer leaves. A longer one ends behind a word, since a part of a secret would not be known as one. */
export function nomadsWords(text: string): string {
  const words = text.trim().replace(/^(RPC Error:: ?\d+, ?|rpc error: )+/, '');
  if (words.length > MAX_WORDS)
    return `${words
      .slice(0, MAX_WORDS)
      .replace(/(?<!\S)\S*$/, '')
      .trimEnd()} …`;
  return words === '' ? 'nothing more' : words;
}

/** The status by which a proxy refused the way to Nomad, as undici's texts have it; undefined when it was something else. */
export function proxyAnswer(error: unknown): number | undefined {
  const [, tunnel, forward] = /Proxy (?:response \((\d+)\)|Authentication Required \((\d+)\))/.exec(messageOf(error)) ?? [];
  return tunnel === undefined && forward === undefined ? undefined : Number(tunnel ?? forward);
}

/** No answer at all, as `unreachable`. `proxy` is the one that may stand between, as it may be shown. */
export function connectionError(error: unknown, call: Call, address: string, tls: Tls | undefined, proxy: string | undefined): ActionError {
  const code = connectionCode(error);
  const refused = proxyAnswer(error);
  const problem = refused === undefined ? tlsProblem(code, tls) : proxyProblem(refused, proxy);
  const closed = code === 'UND_ERR_SOCKET' && address.startsWith('https:') && tls?.cert === undefined;
  const what = problem?.what ?? connectionProblem(error);
  const between = proxy === undefined ? '' : `, the proxy ${proxy} (unless NO_PROXY has the host)`;
  return new ActionError('unreachable', `cannot reach Nomad at ${address} (${call.method} ${call.path}): ${what}`, {
    hint:
      problem?.hint ??
      (closed
        ? 'A server that wants a client certificate closes like this: give `nomad-client-cert` and `nomad-client-key`.'
        : `Check \`nomad-addr\`${between}, and that this runner can reach the cluster.`),
    cause: error,
  });
}

function proxyProblem(status: number, proxy: string | undefined): { readonly what: string; readonly hint: string } {
  return {
    what: `the proxy${proxy === undefined ? '' : ` ${proxy}`} answered ${status}`,
    hint:
      status === 407
        ? 'It wants a user and a password: http://user:password@proxy.example.com:3128.'
        : 'It must allow the way to this host and port; or leave it out by NO_PROXY.',
  };
}
