import { isMaskable } from './secret.ts';

/** The depth of secrets within secrets, such as JSON in base64 in JSON. */
const MAX_DEPTH = 3;
/** The longest value that is searched for fields, in characters. */
const MAX_LENGTH = 256 * 1_024;
const MAX_NESTING = 32;
const MAX_FIELDS = 200;
/** The shortest secret field without a telling name. */
const MIN_LENGTH = 8;
/** The shortest path that counts as a credential. */
const MIN_PATH = 12;

const CREDENTIAL = '(?:pass(?:word|wd|phrase)?|pwd|pw|secret|token|key|credential|auth|salt|dsn|signature|pin)s?';
const NAMES_CREDENTIAL = new RegExp(`${CREDENTIAL}$`, 'i');
/** `Password=…;`, `token: …`. The name may have anything before it. */
const ASSIGNED = new RegExp(`${CREDENTIAL}["']?[ \\t]{0,4}[:=][ \\t]{0,4}("[^"\\n]*"|'[^'\\n]*'|[^\\s;&,"']+)`, 'gi');
/** `postgres://user:password@host`. */
const IN_ADDRESS = /[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#@:]{0,200}:([^\s/?#]{1,1000})@/gi;
/** `https://token@host`. */
const ALONE_IN_ADDRESS = /[a-z][a-z0-9+.-]{0,20}:\/\/(?=[^\s/?#@:]{0,1000}\d)([^\s/?#@:]{20,1000})@/gi;
/** The header of a request, a line of `.netrc`, and one of `.pgpass`. */
const ELSEWHERE: readonly RegExp[] = [
  /^\s*(?:basic|bearer|token|apikey)[ \t]+(\S{8,})\s*$/gi,
  /^[ \t]*(?:machine[ \t].{0,500})?\bpassword[ \t]+(\S{1,1000})[ \t]*$/gim,
  /^[^\s:#]{1,253}:(?:\d{1,5}|\*):[^\s:]{1,200}:[^\s:]{1,200}:(\S{1,1000})$/gm,
];
/** A user and a password. */
const PAIR = /^[^\s:]{1,200}:(\S{1,1000})$/;
/** Common values, which are not secret under any name. */
const SETTING =
  /^(?:enabled|disabled|required|optional|default|basic|bearer|digest|plain|auto|always|never|main|master|production|staging|development|test)$/i;
/** Versions, addresses and dates. */
const NUMBERS = /^v?\d+(?:\.\d+){1,3}$|^\d{4}-\d\d-\d\d(?:[T ][\d:.]{5,15}(?:Z|[+-]\d\d:?\d\d)?)?$/;
/** Names of places and kinds. Their values are in many outputs, and GitHub drops each output that contains a masked value. */
const NAMES_PLACE =
  /(?:project|account|region|zone|location|host|hostname|domain|bucket|namespace|registry|repository|image|version|name|type)(?:_?id)?$/i;

/**
 * Returns the secrets within a secret: fields of JSON, the path of a web hook, passwords in addresses, settings with the name of a credential, and credentials in
 * headers and files of programs. For text in base64, also the text and its secrets.
 */
export function fieldsOf(value: string): string[] {
  const found = new Set<string>(pathOf(value));
  collect(value, 0, found);
  return [...found].filter((text) => isMaskable(text) && !SETTING.test(text)).slice(0, MAX_FIELDS);
}

/** Returns the path of a web hook or the like, which is a credential that an answer may quote without the host. */
function pathOf(value: string): string[] {
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value) || isPlace(value)) return [];
  const { pathname, search } = new URL(value);
  return [pathname + search, pathname].filter((path) => path.length >= MIN_PATH && /\d/.test(path));
}

function collect(value: string, depth: number, found: Set<string>): void {
  if (depth === MAX_DEPTH || value.length > MAX_LENGTH) return;
  for (const pattern of [IN_ADDRESS, ALONE_IN_ADDRESS])
    for (const [, password = ''] of value.matchAll(pattern)) for (const text of [password, unescaped(password)]) found.add(text);
  for (const [, text = ''] of ELSEWHERE.flatMap((pattern) => [...value.matchAll(pattern)])) {
    found.add(text);
    collect(text, depth + 1, found);
  }
  const json = parsed(value);
  if (json === undefined) for (const [, text = ''] of value.matchAll(ASSIGNED)) found.add(text.replace(/^(["'])(.*)\1$/, '$2'));
  else
    for (const [name, text] of leavesOf(json, '', MAX_NESTING))
      if (isSecret(name, text)) {
        found.add(text);
        collect(text, depth + 1, found);
      }
  const text = inBase64(value);
  if (text !== undefined) {
    found.add(text);
    const password = PAIR.exec(text)?.[1];
    if (password !== undefined) found.add(password);
    collect(text, depth + 1, found);
  }
}

/** Returns the texts and numbers of a value, each with the name of its field. */
function* leavesOf(value: unknown, name: string, nesting: number): Generator<[name: string, text: string]> {
  if (typeof value === 'string' || typeof value === 'number') yield [name, `${value}`];
  else if (typeof value === 'object' && value !== null && nesting > 0)
    for (const [key, inner] of Object.entries(value)) yield* leavesOf(inner, Array.isArray(value) ? name : key, nesting - 1);
}

function isSecret(name: string, text: string): boolean {
  if (NAMES_CREDENTIAL.test(name)) return true;
  return text.length >= MIN_LENGTH && !NAMES_PLACE.test(name) && !isWords(text) && !isPlace(text) && !NUMBERS.test(text);
}

const isWords = (text: string): boolean => /^[a-z]+(?:[-_ .][a-z]+)*$/i.test(text);

/** Returns whether a text is a host or a public address. */
function isPlace(text: string): boolean {
  if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?::\d+)?$/.test(text)) return true;
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, pathname, search } = new URL(text);
  return /^https?:$/.test(protocol) && username + password + search === '' && pathname.split('/').length <= 2;
}

function parsed(value: string): unknown {
  if (!/^\s*[{["]/.test(value)) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Returns the text of a value in base64; undefined for other values, such as random bytes. */
function inBase64(value: string): string | undefined {
  const characters = value.replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/_-]{12,}={0,2}$/.test(characters)) return undefined;
  const text = Buffer.from(characters, 'base64').toString();
  return /\ufffd|(?![\t\n\r])\p{Cc}/u.test(text) ? undefined : text;
}
