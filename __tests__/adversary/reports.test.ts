// A workload that prints its secrets in every way that it knows, and one whose log wants to be more than text in what people read.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { deploy, spec } from '../helpers/deploying.ts';
import { startGitHub } from '../helpers/github.ts';

const KEY = `-----BEGIN KEY-----\n${Array.from({ length: 9 }, (_, i) => Buffer.from(`${i * 7_919} of a key ${i * 104_729}!`.padEnd(48, `${i}x`)).toString('base64')).join('\n')}\n-----END KEY-----\n`;
const SECRETS: Readonly<Record<string, string>> = {
  TOKEN: `Kx7"q/Zé's&<9w>\\d-token-4711`,
  DATABASE_URL: 'postgres://app:hunter-4712@db.internal/shop',
  ACCOUNT: '{"user":"app","password":"pw-4713-Qx\\"y"}',
  KEY,
  FIRST: 'abcde-4714-fgh',
  SECOND: '4714-fgh-ijk-4715',
  SPLIT: 'left-4716-part\u2028right-4717-part',
};
/** What else they hold: fields, and what becomes of two that overlap. */
const PARTS = ['hunter-4712', 'pw-4713-Qx"y', 'abcde-4714-fgh-ijk-4715', 'left-4716-part', 'right-4717-part'];

/** Run by the task as well: plain JavaScript that needs nothing around it. */
const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  itself: (text) => text,
  JSON: (text) => JSON.stringify(text),
  'JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)),
  'JSON of PHP': (text) => JSON.stringify(text).replaceAll('/', '\\/').replaceAll('\\"', '\\u0022'),
  HTML: (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&#x27;'),
  'HTML in decimal': (text) => text.replace(/[^a-z0-9\n]/gi, (one) => `&#${one.charCodeAt(0)};`),
  URL: (text) => encodeURIComponent(text),
  'URL in URL': (text) => encodeURIComponent(encodeURIComponent(text)),
  shell: (text) => text.replaceAll("'", `'\\''`),
  'shell with other quotes': (text) => text.replaceAll("'", `'"'"'`),
  base64: (text) => Buffer.from(text).toString('base64'),
  'base64 of 76 columns': (text) => Buffer.from(`${text}\n`).toString('base64').replace(/.{76}/g, '$&\n'),
  'base64 behind a name': (text) => Buffer.from(`user:${text}`).toString('base64').replace(/.{76}/g, '$&\n'),
  hexadecimal: (text) => Buffer.from(text).toString('hex'),
  'hexadecimal with colons': (text) =>
    Buffer.from(text)
      .toString('hex')
      .toUpperCase()
      .replace(/..(?=.)/g, '$&:'),
  capitals: (text) => text.toUpperCase(),
  decomposed: (text) => text.normalize('NFD'),
  coloured: (text) => Array.from(text).join('\u001b[1m'),
  invisible: (text) => Array.from(text).join('\u200b'),
};

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const PLAIN = `the database at db.internal refused app, 100% of C:\\new; image ${DIGEST}`;
const EVIL =
  'error: see https://evil.example/x, www.evil.example, me@evil.example, @octocat and @acme/team, #7, acme/other#8, GH-12, :tada: so\u00adft\u200b\u{e0041}\u202e';

/** A shell command that runs a program; as base64, in which nothing is special for a shell or HCL. */
const program = (source: string): string =>
  `echo ${Buffer.from(source).toString('base64')} | base64 -d > "$NOMAD_TASK_DIR/tell.mjs"; exec ${process.execPath} "$NOMAD_TASK_DIR/tell.mjs"`;
const TELL = `const encodings = {${Object.entries(ENCODINGS)
  .map(([name, encode]) => `${JSON.stringify(name)}: ${encode.toString()}`)
  .join(',\n')}};
const texts = [...${JSON.stringify(Object.keys(SECRETS))}.map((name) => process.env[name]), process.env.FIRST + process.env.SECOND.slice(8),
  process.env.DATABASE_URL.slice(15, 26), JSON.parse(process.env.ACCOUNT).password, ...process.env.SPLIT.split('\\u2028')];
for (const encode of Object.values(encodings)) for (const text of texts) console.error('told ' + encode(text));
console.error(${JSON.stringify(PLAIN)});
process.exitCode = 3;`;

const PULL = {
  event: {
    name: 'pull_request',
    payload: { pull_request: { number: 7, head: { ref: 'fix/7', sha: 'a'.repeat(40), repo: { full_name: 'Acme/Shop' } } } },
  },
  env: { GITHUB_HEAD_REF: 'fix/7', GITHUB_REF: 'refs/pull/7/merge', GITHUB_REF_NAME: '7/merge', GITHUB_RUN_ID: '1' },
};

interface Told {
  readonly result: ActionResult;
  /** Everything that people and programs read of a run, by its place. */
  readonly places: Readonly<Record<'log' | 'summary' | 'deployment' | 'posted' | 'outputs' | 'annotations' | 'file', string>>;
}

/** A deploy of a pull request whose task runs `command`. */
async function told(job: string, command: string): Promise<Told> {
  const github = await startGitHub();
  github.pull(7);
  let posted = '';
  const hook = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (chunk: string) => (posted += chunk));
    request.on('end', () => response.end('ok'));
  }).listen(0, '127.0.0.1');
  await once(hook, 'listening');
  try {
    const result = await deploy({
      github,
      ...PULL,
      files: { 'project.nomad': spec(job, { command }) },
      env: { ...PULL.env, NOMAD_SECRETS: JSON.stringify(SECRETS) },
      inputs: {
        environment: 'main',
        'log-lines': '500',
        'github-deployment': 'true',
        'webhook-url': `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`,
      },
    });
    const { log, summary, outputs, annotations } = result;
    const places = {
      log: log.replace(/^::add-mask::[^\n]*/gm, ''),
      summary,
      deployment: [...github.state.statuses.values()]
        .flat()
        .map(({ description }) => description)
        .join(' '),
      posted,
      outputs: JSON.stringify(outputs),
      annotations: JSON.stringify(annotations),
      file: readFileSync(outputs['result'] ?? '', 'utf8'),
    };
    return { result, places };
  } finally {
    await github.stop();
    hook.close();
  }
}

/** Lines of an encoded text of which characters in a row are in a place; shorter ones when they are all there. */
function leaks(place: string): string[] {
  const LENGTH = 12;
  return [...Object.entries(SECRETS), ...PARTS.map((part) => [part, part] as const)].flatMap(([name, secret]) =>
    Object.entries(ENCODINGS).flatMap(([how, encode]) =>
      encode(secret)
        .split(/[\n\u2028]/)
        // A rule around a key, and an end of four characters of base64, are no part of it that tells anything.
        .filter((line) => line.length > 4 && !/BEGIN|END|begin|end key/.test(line) && /[a-z0-9]/i.test(line))
        .flatMap((line) => {
          const length = Math.min(LENGTH, line.length);
          const pieces = Array.from({ length: line.length - length + 1 }, (_, i) => line.slice(i, i + length));
          return pieces.some((piece) => place.includes(piece)) ? [`${name} as ${how}: ${line}`] : [];
        }),
    ),
  );
}

describe('a task that prints its secrets in every way', () => {
  let run: Told;
  beforeAll(async () => {
    run = await told('tell-secrets', program(TELL));
  }, 120_000);

  test('is seen to have printed them, and is shown to have failed', () => {
    expect(run.result.outputs).toMatchObject({ outcome: 'failed', cause: expect.stringContaining('exited with code 3') });
    expect(run.places.log.match(/told .*\*\*\*/g)?.length).toBeGreaterThan(100);
    expect(run.places.deployment).toContain('failed version 0');
    expect(run.places.posted).toContain('"outcome":"failed"');
  });
  test.each(['log', 'summary', 'deployment', 'posted', 'outputs', 'annotations', 'file'] as const)(
    'has them in no form in the %s',
    (place) => {
      expect(leaks(run.places[place])).toEqual([]);
    },
  );
  test('is quoted with everything that is no secret', () => {
    expect(run.places.log).toContain(PLAIN);
    expect(run.places.summary).toContain(PLAIN);
    const { allocations } = JSON.parse(run.places.file) as { allocations: { id: string }[] };
    expect(allocations[0]?.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});

/** What GitHub and Slack make a link, a mention or an emoji of, outside of code, and what nobody sees. Our own zero-width space is none. */
const LIVE =
  /(?:https?|ftp):\/\/[^\s<]|www\.\w|[\w.+-]+@[\w-]+\.\w|@\w|#\d|\bGH-\d|:tada:|(?![\u200b\n])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

describe('a log that wants to be more than text', () => {
  let run: Told;
  beforeAll(async () => {
    run = await told('tell-links', program(`console.error(${JSON.stringify(EVIL)}); process.exitCode = 3;`));
  }, 120_000);

  test('is neither link nor mention in the summary, and hides nothing', () => {
    const shown = run.places.summary
      // Code, icons with a variation of their own, and our own links.
      .replace(/^(`{3,})[a-z]*$.*?^\1$/gms, '')
      .replaceAll(/`[^`]*`|<code>.*?<\/code>/g, '')
      .replaceAll(/\p{Emoji}\ufe0f/gu, '')
      .replaceAll(/\]\(http:\/\/127\.0\.0\.1[^)\s]*\)|\]\(https:\/\/github\.[^)\s]*\)/g, ']');
    expect(shown).toContain('evil');
    expect(shown.match(LIVE) ?? []).toEqual([]);
  });
  test('hides nothing in the description of a deployment', () => {
    expect(run.places.deployment).toContain('evil.example/x');
    expect(run.places.deployment).not.toMatch(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u);
  });
  test('is neither in a message to a chat', () => {
    const { text, blocks } = JSON.parse(run.places.posted) as { text: string; blocks: { text?: { type: string; verbatim?: boolean } }[] };
    expect(text).toContain('evil');
    expect(text.match(LIVE) ?? []).toEqual([]);
    expect(blocks.flatMap(({ text: one }) => (one?.type === 'mrkdwn' ? [one.verbatim] : []))).toEqual([true]);
  });
  test('can be read, beside links of our own that lead to Nomad and to the run', () => {
    const readable = run.places.summary.replaceAll('\u200b', '').replaceAll('\\', '');
    expect(readable).toContain(
      'https://evil.example/x, www.evil.example, me@evil.example, @octocat and @acme/team, #7, acme/other#8, GH-12',
    );
    expect(run.places.summary).toMatch(/\[job\]\(http:\/\/127\.0\.0\.1:\d+\/ui\/jobs\/tell-links@default\)/);
    expect(run.places.posted).toMatch(/<https:\/\/[^|>]+\/actions\/runs\/1\|workflow run>/);
  });
});
