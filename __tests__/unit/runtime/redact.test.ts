import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redactor } from '../../../src/runtime/redact.ts';
import { secretForms } from '../../../src/runtime/secret-forms.ts';

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const each = (text: string, change: (character: string) => string): string => Array.from(text, change).join('');
const bytes = (text: string, change: (byte: string) => string): string =>
  [...Buffer.from(text)].map((byte) => change(byte.toString(16).padStart(2, '0'))).join('');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const wrapped = (text: string, width: number): string => text.replace(new RegExp(`.{${width}}(?=.)`, 'g'), '$&\n');
const html = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** How programs write a text into another one. */
const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  'in JSON': inJson,
  'in JSON within JSON': (text) => inJson(inJson(text)),
  'in JSON with escaped slashes': (text) => inJson(text).replaceAll('/', '\\/'),
  'in JSON with quotes as numbers': (text) => inJson(text).replaceAll('\\"', '\\u0022'),
  'in JSON, each character as a number': (text) =>
    text.replace(/[\s\S]/g, (one) => `\\u${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`),
  'in Python, each byte as a number': (text) => bytes(text, (byte) => `\\x${byte}`),
  'in C, each byte in octal': (text) => bytes(text, (byte) => `\\${Number.parseInt(byte, 16).toString(8).padStart(3, '0')}`),
  'in HTML': (text) => html(text).replaceAll("'", '&#x27;'),
  'in HTML with decimal numbers': (text) => html(text).replaceAll('&quot;', '&#34;').replaceAll("'", '&#39;'),
  'in HTML with names': (text) => html(text).replaceAll("'", '&apos;'),
  'in HTML, each character as a number': (text) => each(text, (one) => `&#x${one.codePointAt(0)?.toString(16)};`),
  'in HTML within HTML': (text) => html(html(text)),
  'in a URL': encodeURIComponent,
  'in a URL, in small letters': (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
  'in a URL within a URL': (text) => encodeURIComponent(encodeURIComponent(text)),
  'in a URL five times': (text) => [1, 2, 3, 4, 5].reduce(encodeURIComponent, text),
  'in a URL, each byte as a number': (text) => bytes(text, (byte) => `%${byte}`),
  'between quotes of a shell': (text) => text.replaceAll("'", `'\\''`),
  'between quotes of a shell, with others': (text) => text.replaceAll("'", `'"'"'`),
  'between quotes of SQL': (text) => text.replaceAll("'", "''"),
  'between quotes of CSV': (text) => text.replaceAll('"', '""'),
  'in a shell, each character behind a backslash': (text) => text.replace(/[ -/:-@[-`{-~]/g, '\\$&'),
  'in HCL': (text) => inJson(text).replaceAll('${', '$${').replaceAll('%{', '%%{'),
  composed: (text) => text.normalize('NFC'),
  decomposed: (text) => text.normalize('NFD'),
  'with colours in it': (text) => Array.from(text).join('\u001b[1;31m'),
  'with zero-width characters in it': (text) => Array.from(text).join('\u200b\ufe0f\u2060'),
  'with control characters in it': (text) => Array.from(text).join('\u0000\u0008'),
};
const LONG_ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  'in base64': (text) => base64(text).replace(/=+$/, ''),
  'in base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
  'in base64 behind something': (text) => base64(`user:${text}@`).replace(/=+$/, ''),
  'in base64 of 76 columns': (text) => wrapped(base64(text), 76),
  'in base64 of 20 columns in JSON': (text) => inJson(wrapped(base64(text).replace(/=+$/, ''), 20)),
  'in base64 with blanks': (text) => wrapped(base64(text).replace(/=+$/, ''), 4).replaceAll('\n', ' '),
  'in base64 of base64': (text) => base64(base64(text)).replace(/=+$/, ''),
  'in hexadecimal': (text) => bytes(text, (byte) => byte),
  'in large hexadecimal': (text) => bytes(text, (byte) => byte.toUpperCase()),
  'in hexadecimal with colons': (text) => bytes(text, (byte) => `${byte}:`).slice(0, -1),
  'in hexadecimal with blanks': (text) => bytes(text, (byte) => `${byte} `).trim(),
  'in hexadecimal as C writes it': (text) => bytes(text, (byte) => `0x${byte}, `).slice(2, -2),
};
const CASES: Readonly<Record<string, (text: string) => string>> = {
  'in capitals': (text) => text.toUpperCase(),
  'in small letters': (text) => text.toLowerCase(),
};

/** Whether characters of a text, as encoded, are still there: `count` of them in a row. */
function left(shown: string, encoded: string, count: number): boolean {
  const plain = shown.replaceAll('***', '\u0001');
  const length = Math.min(count, encoded.length);
  return Array.from({ length: encoded.length - length + 1 }, (_, i) => encoded.slice(i, i + length)).some((part) => plain.includes(part));
}

const SECRET = `P"a's/s\\w&o<r>d %7|é-$\{x} Qz9_~71`;

describe('a secret is hidden', () => {
  test.each(Object.entries({ ...ENCODINGS, ...LONG_ENCODINGS, ...CASES }))('%s', (_how, encode) => {
    const encoded = encode(SECRET);
    const shown = redactor([SECRET])(`before=${encoded}, after`);
    expect(shown).toMatch(/^before=.{0,8}\*\*\*.{0,8}, after$/s);
    expect(left(shown, encoded, 9)).toBe(false);
  });

  test.each(Object.entries(ENCODINGS))('%s, when it is short', (_how, encode) => {
    expect(redactor(['é"\'<'])(`x ${encode('é"\'<')} y`)).toBe('x *** y');
  });

  test.each<[string, readonly string[], string, string]>([
    ['the rest of one of two that overlap', ['abcdefgh', 'fghijklm'], 'x abcdefghijklm y', 'x *** y'],
    ['the rest of one within another form', ['user:hunter-22', 'r-22@example-4711'], 'user:hunter-22@example-4711', '***'],
    ['one within another', ['hunter-22', 'er-'], 'hunter-22', '***'],
    [
      'parts at line breaks of any kind',
      ['one-4711\u2028two-4712\u0085three-4713\vfour-4714\ffive-4715'],
      'two-4712 four-4714 five-4715',
      '*** *** ***',
    ],
    ['one of two lines joined', ['one-4711\ntwo-4712'], 'one-4711two-4712', '***'],
    ['a field of JSON', ['{"user":"app","password":"pw-4711"}'], 'login with pw-4711', 'login with ***'],
    ['a field of JSON with escapes', ['{"a":[{"pass":"p\\"w\\\\4713"}]}'], 'login with p"w\\4713', 'login with ***'],
    ['a field without a telling name', ['{"a":"x7-Kd93-pp"}'], 'it is x7-Kd93-pp', 'it is ***'],
    ['a number in JSON', ['{"pin": 471193}'], 'it is 471193', 'it is ***'],
    ['a field of JSON in base64', [base64('{"user":"app","password":"pw-4711"}')], 'login with pw-4711', 'login with ***'],
    ['a field of JSON within JSON', [JSON.stringify({ config: '{"token":"tk-4711"}' })], 'tk-4711', '***'],
    ['the password of an address', ['postgres://app:p%40ss-4711@db.internal/x'], 'app and p%40ss-4711 or p@ss-4711', 'app and *** or ***'],
    [
      'the path of a web hook',
      ['https://hooks.example.com/services/T0/B0/hunter2'],
      'no /services/T0/B0/hunter2 at hooks.example.com',
      'no *** at hooks.example.com',
    ],
    [
      'a decomposed letter behind a percent sign, which make an escape together',
      ['a%aé-pp-x7'],
      `it is ${encodeURIComponent(encodeURIComponent('a%aé-pp-x7'.normalize('NFD')))}`,
      'it is ***',
    ],
    ['a setting of several', ['Server=db;User=app;Password=pw-4711;'], 'as app: pw-4711', 'as app: ***'],
    ['a token in an address', ['https://ghx_0123456789abcdef0123@git.example.com/a'], 'no ghx_0123456789abcdef0123', 'no ***'],
    ['the token of a header', ['Bearer tk-4711-4712'], 'no tk-4711-4712', 'no ***'],
    ['the password of a header', [`Basic ${base64('app:pw-4711')}`], 'app, pw-4711', 'app, ***'],
    ["the password of docker's settings", [`{"auths":{"r.example.com":{"auth":"${base64('app:pw-4711')}"}}}`], 'app, pw-4711', 'app, ***'],
    ['a password of .netrc', ['machine git.example.com\n  login app\n  password pw-4711'], 'app, pw-4711', 'app, ***'],
    ['a password of .netrc on one line', ['machine git.example.com login app password pw-4711'], 'app, pw-4711', 'app, ***'],
    ['a password of .pgpass', ['db.internal:5432:*:app:pw-4711'], 'app, pw-4711', 'app, ***'],
    ['a line of an environment', ['HOST=db\nDB_PASSWORD="pw-4711"\nPORT=5432'], 'db 5432 pw-4711', 'db 5432 ***'],
  ])('%s', (_what, values, text, shown) => expect(redactor(values)(text)).toBe(shown));

  const LARGE = Array.from({ length: 40 }, (_, i) => `line ${i} of a key: ${(i * 7_919 + 13).toString(36)}Zq`).join('\n');
  test.each([76, 64, 60, 32])('line by line, in base64 of %i columns', (width) => {
    for (const before of ['', 'u', 'us', 'user:']) {
      for (const after of ['', '\n']) {
        const lines = wrapped(base64(before + LARGE + after), width).split('\n');
        const shown = lines.map(redactor([LARGE]));
        expect(shown.slice(1).filter((line) => line.replace(/\*\*\*[\w+/=]{0,4}$/, '').length > 3)).toEqual([]);
        expect(shown[0]).toMatch(/^.{0,8}\*\*\*$/);
      }
    }
  });
  test('line by line, in hexadecimal', () => {
    const lines = wrapped(Buffer.from(LARGE).toString('hex'), 60).split('\n');
    expect(lines.map(redactor([LARGE])).filter((line) => line !== '***' && line.length > 5)).toEqual([]);
  });
  test('in links and titles of a terminal', () => {
    const redact = redactor([SECRET]);
    for (const text of [`\u001b]0;${encodeURIComponent(SECRET)}\u0007`, `${SECRET.slice(0, 9)}\u001b]0;x\u001b\\${SECRET.slice(9)}`])
      expect(left(redact(text), SECRET.slice(9), 5) || redact(text).includes('%20')).toBe(false);
  });

  test('however texts and encodings are put together', () => {
    const character = fc.oneof(
      fc.constantFrom(...Array.from(`"'\\/&<>%$é{}+=@#~ `)),
      fc.constantFrom(...Array.from('abcdefXYZ0123456789')),
    );
    const value = fc
      .string({ unit: character, minLength: 12, maxLength: 60 })
      // With fewer letters and digits there is nothing to tell it by once its punctuation is encoded.
      .filter((text) => (text.match(/[a-zA-Z0-9]/g)?.length ?? 0) >= 8 && !text.endsWith('\\'))
      // What is the escape of a control character by itself may be left at an end: once it is decoded, nothing of it is there.
      .filter((text) => !/%(?:[0189][0-9a-f]|7f)/i.test(text));
    // No letter of the secret: where an escape swallows one, a letter beside it could stand in for it.
    const around = fc.string({ unit: fc.constantFrom(...Array.from('klm ,.:;()[]\n')), maxLength: 20 });
    const chain = fc.uniqueArray(fc.constantFrom(...Object.keys(ENCODINGS).filter((name) => !name.endsWith('behind a backslash'))), {
      maxLength: 3,
    });
    const last = fc.option(
      fc.constantFrom(...Object.keys({ ...LONG_ENCODINGS, ...CASES }).filter((name) => !name.endsWith('behind something'))),
    );
    fc.assert(
      fc.property(value, chain, last, around, around, (secret, names, end, before, after) => {
        // Base64 and hexadecimal are of the secret itself.
        const first = end === null || end in CASES ? secret : (LONG_ENCODINGS[end]?.(secret) ?? '');
        const encode = (plain: string): string => names.reduce((text, name) => ENCODINGS[name]?.(text) ?? '', plain);
        const encoded = encode(first);
        const text = end !== null && end in CASES && names.length === 0 ? (CASES[end]?.(encoded) ?? '') : encoded;
        const shown = redactor([secret])(`${before}|${text}|${after}`);
        expect(shown.startsWith(`${before}|`)).toBe(true);
        // A sign at an end of base64 may be left, and is long when it is encoded several times.
        expect(left(shown, text, first === secret ? 12 : Math.max(40, 2 * encode('= ').length))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('also where a colour ends before a mark that its last letter could be composed with', () => {
    const text = inJson(Array.from('hunter2-éa-aé'.normalize('NFD')).join('\u001b[1;31m'));
    expect(redactor(['hunter2-éa-aé'])(`<${text}>`)).toBe('<***>');
  });

  test('whatever of two overlaps', () => {
    const word = fc.string({ unit: fc.constantFrom(...Array.from('abcd1234')), minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(redactor([a + b, b + c])(`<${a}${b}${c}>`)).toBe('<***>');
      }),
    );
  });
});

describe('what is no secret stays', () => {
  const ID = '0b7a5a4b-1234-4678-9abc-0123456789ab';
  const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
  test.each<[string, readonly string[], string]>([
    ['an id', ['abc', '1234', '9abc-012', 'hunter-4711'], `allocation ${ID} of web`],
    ['a digest', ['abc', '123', 'cdef01', 'hunter-4711'], `ghcr.io/acme/shop@${DIGEST}`],
    ['text with escapes', ['hunter-4711'], 'C:\\new\\table 100% &amp; <b> it\'s "x"\n\ttab \u001b[1mbold\u001b[0m'],
    ['a name like a secret that is a name', ['acme_shop', 'web.example'], 'acme-shop acmeshop web-example'],
    [
      'the user, the host and the kind in JSON',
      [
        '{"type":"service_account","project_id":"acme-prod-17","engine":"postgres","host":"db.internal","url":"https://shop.example.com","user":"app"}',
      ],
      'service_account acme-prod-17 postgres db.internal https://shop.example.com app',
    ],
    [
      'a setting among secrets',
      [
        'auth: enabled\ntoken: default\nhost: db',
        '{"auth":"basic","version":"2025.11.30","address":"10.0.5.43","since":"2025-11-30","of":"2025-11-30T10:00:00Z"}',
      ],
      'basic and default are enabled since 2025-11-30T10:00:01Z in 2025.11.30 at 10.0.5.43',
    ],
    ['a word that is a part', ['pass', 'hunter-4711'], 'Password compass'.replaceAll('pass', 'bass')],
  ])('%s', (_what, values, text) => expect(redactor(values)(text)).toBe(text));

  test('whatever surrounds it', () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from(`xyz '"\\&%\n;#{}éè<>`)), maxLength: 200 });
    fc.assert(fc.property(text, (value) => expect(redactor(['hunter-4711', '{"password":"pw-4711"}'])(value)).toBe(value)));
  });
});

test('the forms for the runner are not too many', () => {
  for (const value of ['hunter2', SECRET, 'postgres://app:p%40ss-4711@db.internal/x', 'x'.repeat(60_000)])
    expect(secretForms(value).length).toBeLessThan(80);
  expect(secretForms(SECRET)).toEqual(
    expect.arrayContaining([html(SECRET).replaceAll("'", '&#x27;'), Buffer.from(SECRET).toString('hex')]),
  );
  expect(secretForms('{"password":"pw-4711"}')).toContain('pw-4711');
});

test.each<[string, string]>([
  ['a log', '2026-01-01T00:00:00Z level=info msg="started \\"x\\"" path=/a%20b &amp; é\n'],
  ['percent signs', '%25'],
  ['ampersands', '&amp;'],
  ['backslashes', '\\'],
  ['beginnings of escapes', '\u001b]'],
  ['quotes', "'"],
  ['one character', 'a'],
  ['marks', 'e\u0301\u0301\u0316'],
  ['pieces of base64', `${base64(SECRET).slice(0, 20)}\n`],
])('a quarter of a megabyte of %s takes no more than a moment', (_what, piece) => {
  const redact = redactor([...Array.from({ length: 100 }, (_, i) => `${SECRET}${i}`), 'a'.repeat(64)]);
  const text = piece.repeat(2 ** 18 / piece.length);
  redact('');
  const before = process.threadCpuUsage();
  redact(text);
  // The processor time of this thread: other programs do not count.
  expect(process.threadCpuUsage(before).user).toBeLessThan(5_000_000);
});
