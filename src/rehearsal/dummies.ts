// Dummies of secrets: values of the same form, so that a program that only reads them starts as on the cluster. No letter or digit of a secret is in its dummy.

/** A longer secret has a dummy of this length. */
const MAX_LENGTH = 16_384;

/** The host of dummy addresses. No such host exists: https://www.rfc-editor.org/rfc/rfc2606 */
const HOST = 'rehearsal.invalid';

/** Parameters of addresses that programs read as a word of a list. They are no secrets. */
const PLAIN_PARAMETERS = /^(sslmode|ssl|tls|charset|encoding|parseTime|timezone|tz|loc|schema|family|protocol|retryWrites|w)$/i;

/** Dummies for secrets without a value, as in a pull request of a fork, whose name says that they are addresses. The first one counts. */
const ADDRESSES: readonly (readonly [name: RegExp, value: string])[] = [
  [/REDIS|VALKEY/i, `redis://:rehearsal@${HOST}:6379/0`],
  [/AMQP|RABBIT/i, `amqp://rehearsal:rehearsal@${HOST}:5672/`],
  [/MONGO/i, `mongodb://rehearsal:rehearsal@${HOST}:27017/rehearsal`],
  [/MYSQL|MARIA/i, `mysql://rehearsal:rehearsal@${HOST}:3306/rehearsal`],
  [/(DATABASE|POSTGRES|PG|DB)_?(URL|URI|DSN)$/i, `postgres://rehearsal:rehearsal@${HOST}:5432/rehearsal`],
  [/SENTRY/i, `https://00000000000000000000000000000000@${HOST}/1`],
  [/$/, `https://${HOST}/`],
];

/** The same for other names. */
const BY_NAME: readonly (readonly [name: RegExp, value: string])[] = [
  [/PORT$/i, '10000'],
  [/JSON$/i, '{}'],
  [/MAIL$/i, `rehearsal@${HOST}`],
  [/HOST(NAME)?$/i, HOST],
  [/$/, `rehearsal-${'x'.repeat(22)}`],
];

/** Returns a dummy for a secret. A secret without a value gets the form that its name tells. */
export function dummyOf(name: string, value: string): string {
  if (value.trim() === '') {
    const table = /(URL|URI|DSN|ENDPOINT)$/i.test(name) ? ADDRESSES : BY_NAME;
    return table.find(([pattern]) => pattern.test(name))?.[1] ?? '';
  }
  const short = value.slice(0, MAX_LENGTH);
  const dummy = ofJson(short) ?? ofPem(short) ?? ofAddress(short) ?? ofText(short);
  return dummy === value && !isWord(value) ? dummy.replace(/[x01]/g, (char) => (char === 'x' ? 'y' : '2')) : dummy;
}

const isWord = (value: string): boolean => /^(true|false|null|yes|no|on|off)$/i.test(value);

function ofJson(value: string): string | undefined {
  if (!/^\s*[[{]/.test(value)) return undefined;
  try {
    return JSON.stringify(ofValue(JSON.parse(value)));
  } catch {
    return undefined;
  }
}

/** Returns a JSON value with its keys and dummies of its texts and numbers. */
function ofValue(value: unknown): unknown {
  if (typeof value === 'string') return dummyOf('', value === '' ? ' ' : value);
  if (typeof value === 'number') return Number.isInteger(value) ? Number('1'.repeat(Math.min(String(Math.abs(value)).length, 9))) : 1.5;
  if (Array.isArray(value)) return value.map(ofValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, ofValue(one)]));
}

/** Keeps the first and the last line of each block, and the length of the lines between them. */
function ofPem(value: string): string | undefined {
  if (!/^\s*-----BEGIN [A-Z0-9 ]+-----/.test(value)) return undefined;
  return value
    .split('\n')
    .map((line) => (/^-----(BEGIN|END) [A-Z0-9 ]+-----\s*$/.test(line) ? line : ofText(line)))
    .join('\n');
}

/** Keeps scheme, port and the names of the parameters. */
function ofAddress(value: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(value)) return undefined;
  const end = value.indexOf('://');
  const [before = '', query] = value.slice(end + 3).split('?', 2);
  const slash = before.indexOf('/');
  const [authority, path] = slash < 0 ? [before, ''] : [before.slice(0, slash), before.slice(slash)];
  const at = authority.lastIndexOf('@');
  const [user, password] = authority.slice(0, Math.max(at, 0)).split(':', 2);
  const port = /:(\d{1,5})$/.exec(authority)?.[0] ?? '';
  const login = at < 0 ? '' : `${user === '' ? '' : 'rehearsal'}${password === undefined ? '' : `:${ofText(password)}`}@`;
  const parameters = query?.split('&').map((one) => {
    const [key = '', own] = one.split('=', 2);
    if (own === undefined) return key;
    return `${key}=${PLAIN_PARAMETERS.test(key) && /^[\w-]{1,20}$/.test(own) ? own : ofText(own)}`;
  });
  return `${value.slice(0, end)}://${login}${HOST}${port}${ofText(path)}${parameters === undefined ? '' : `?${parameters.join('&')}`}`;
}

/** Keeps the kind of each character: a text of hexadecimal digits stays one, and so does base64. */
function ofText(value: string): string {
  if (isWord(value)) return value;
  if (/^\d+$/.test(value)) return '1'.repeat(value.length);
  const [small, large] = /^[0-9a-f-]+$/i.test(value) ? ['a', 'A'] : ['x', 'X'];
  return value.replace(/[^\n]/gu, (char) =>
    /[0-9]/.test(char) ? '0' : /[A-Z]/.test(char) ? large : /[-_.:/=+@%\s,;]/.test(char) ? char : small,
  );
}
