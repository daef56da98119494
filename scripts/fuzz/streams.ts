// Targets below a whole run: arguments, archives, frames, messages of a session, and answers of Prometheus.
import fc from 'fast-check';
import { ActionError } from '../../src/errors.ts';
import type { PrometheusRule } from '../../src/inputs/index.ts';
import { readTar, TAR_END, tarHeader } from '../../src/inside/tar.ts';
import { openExec } from '../../src/nomad/exec.ts';
import { piecesOf } from '../../src/nomad/log-pieces.ts';
import { encodeFrame, frameReader, OPCODES } from '../../src/nomad/websocket-frames.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { parseArguments } from '../../src/terminal/arguments.ts';
import { readLine } from '../../src/terminal/complete.ts';
import { askedHelp } from '../../src/terminal/help.ts';
import { parseRemote } from '../../src/terminal/remote.ts';
import { lookAt } from '../../src/watch/bake/prometheus.ts';
import { isBug } from './growth.ts';
import { nearly, nearlyJson, ODD_TEXTS } from './mutations.ts';

const signal = new AbortController().signal;

/** Runs work, and throws its error where it is a bug. `typed`: each error is an `ActionError`. */
async function refuses(work: () => unknown, typed = false): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (isBug(thrown) || (typed && !(thrown instanceof ActionError))) throw thrown;
  }
}

/** Gives bytes in pieces of a length. */
async function* inPieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

const pieceLength = fc.constantFrom(1, 7, 100, 512, 65_536);

const WORDS = [
  ...[
    'deploy',
    'status',
    'logs',
    'ssh',
    'cp',
    'tunnel',
    'revert',
    'scale',
    'top',
    'login',
    'history',
    'urls',
    'open',
    'sweep',
    'completion',
  ],
  ...[
    '-e',
    '-e=production',
    '--environment',
    '--nomad-addr=http://a',
    '--all',
    '--watch',
    '--grep=a(',
    '--since',
    '10m',
    '--vars=A=b',
    '--',
    '-1',
    '-h',
  ],
  ...[
    '--json',
    '--yes',
    '-n',
    '-f',
    '--nomad-token=a',
    'web',
    'http/app',
    '80:8080',
    'a:/b',
    './a',
    'bash',
    '-c',
    'echo hi',
    '--count',
    '3',
  ],
];
const args = fc.array(
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...WORDS) }, { weight: 1, arbitrary: nearly([...WORDS, ...ODD_TEXTS]) }),
  {
    maxLength: 7,
  },
);

const PAX = [
  '30 path=some/name/in/a/folder\n',
  '12 size=100\n',
  '0 path=a\n',
  '1 a=b\n',
  '14 size=1e999\n',
  '11 size=-1\n',
  '20 linkpath=../a/b\n',
  '99999 path=a\n',
];
const entry = fc.record({
  name: nearly(['web/a.txt', 'web/', 'web/../../etc/passwd', '/abs', 'a'.repeat(150), 'web/é']),
  kind: fc.constantFrom('file', 'folder', 'symlink', 'link', 'other'),
  mode: fc.constantFrom(0o644, 0o755, 0o4755, 0),
  size: fc.constantFrom(0, 1, 100, 511, 512, 513),
  mtime: fc.constantFrom(0, 1.7e9, 8 ** 11, -1, 0.5),
  target: nearly(['a.txt', '../a', '/etc/passwd', '']),
});
/** A field of a header with other bytes; its checksum is mended. */
const field = fc.record({
  at: fc.constantFrom(0, 100, 108, 124, 136, 156, 157, 257, 345),
  text: fc.oneof(
    nearly(['00000000644\0', '\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff', 'x', 'g', 'L', 'K', '5', '-7', 'zz']),
    nearly(PAX),
  ),
});

/** Returns the header of an archive with a changed field. */
function changed(block: Buffer, { at, text }: { readonly at: number; readonly text: string }): Buffer {
  const copy = Buffer.from(block);
  copy.write(text.slice(0, 512 - at), at, 'latin1');
  copy.fill(' ', 148, 156);
  const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}

const archive = fc
  .array(fc.record({ entry, field: fc.option(field, { freq: 1 }), content: nearly([...PAX, 'a'.repeat(100)]) }), { maxLength: 4 })
  .map((entries) =>
    Buffer.concat([
      ...entries.flatMap(({ entry: one, field: change, content }) => {
        const head = tarHeader(one);
        const bytes = Buffer.alloc(Math.ceil(one.size / 512) * 512);
        bytes.write(content, 'latin1');
        return [change === null ? head : changed(head, change), bytes];
      }),
      TAR_END,
    ]),
  );

async function readArchive(bytes: Buffer, length: number): Promise<void> {
  let entries = 0;
  for await (const { content } of readTar(inPieces(bytes, length))) {
    for await (const _piece of content);
    entries += 1;
    if (entries > bytes.length) throw new Error('an archive without an end');
  }
}

const FRAME = { File: 'alloc/logs/app.stdout.0', Data: 'aGVsbG8K', Offset: 6 };
const frames = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: nearlyJson(FRAME).map((one) => JSON.stringify(one)) },
    { weight: 1, arbitrary: nearly([JSON.stringify(FRAME), 'failed to read: }', '{}\n']) },
  ),
  {
    maxLength: 5,
  },
);

const MESSAGES = [{ stdout: { data: 'aGk=' } }, { stderr: { data: 'aGk=', close: true } }, { exited: true, result: { exit_code: 3 } }, {}];
const messages = fc.array(
  fc.oneof(
    ...MESSAGES.map((one) => nearlyJson(one).map((value) => JSON.stringify(value) ?? 'null')),
    nearly(MESSAGES.map((one) => JSON.stringify(one))),
  ),
  { maxLength: 5 },
);

async function readSession(texts: readonly string[]): Promise<void> {
  async function* given(): AsyncGenerator<string, { code: number; reason: string }> {
    yield* texts;
    return { code: 1_006, reason: '' };
  }
  const socket = { texts: given(), send: async () => undefined, close: () => undefined };
  const nomad = { socket: async () => socket, denied: async () => new ActionError('permission-denied', 'denied'), clock: systemClock };
  const request = { allocationId: 'a', task: 'b', driver: 'docker', tty: false, command: ['true'], namespace: undefined };
  const session = await openExec(nomad, request, signal);
  for (;;) {
    const next = await session.output.next();
    if (next.done !== true) continue;
    if (typeof next.value !== 'number') throw new TypeError(`the exit code is ${String(next.value)}`);
    return;
  }
}

const FIGURES = {
  status: 'success',
  data: {
    resultType: 'vector',
    result: [
      { metric: { allocation: 'a1' }, value: [1_795_223_499.7, '0.25'] },
      { metric: {}, value: [1, 'NaN'] },
    ],
  },
};
const RULE = {
  name: 'errors',
  query: 'q',
  stable: 's',
  by: undefined,
  max: { value: 1, relative: false },
  min: { value: 50, relative: true },
  unit: '%',
};

async function readFigures(body: string, by: string | undefined, status: number): Promise<void> {
  const rule = { ...RULE, by } as unknown as PrometheusRule;
  const request = async () => ({ status, headers: {}, body, complete: true, elapsedMs: 1 });
  const around = { server: { address: 'http://a', authorization: undefined }, who: 'the canaries', compares: true } as const;
  const look = await lookAt(rule, { own: [], stable: [] }, around, { request, redact: (text) => text, signal });
  if (look.problem !== undefined && typeof look.problem !== 'string') throw new TypeError('a problem without words');
}

export const STREAMS = {
  arguments: {
    made: args,
    check: async (argv: readonly string[]) => {
      parseArguments(argv);
      askedHelp(argv);
      readLine(argv);
      parseRemote(argv[0] ?? '');
    },
    short: 1_500,
  },
  archives: {
    made: fc.tuple(archive, pieceLength),
    check: async ([bytes, length]: [Buffer, number]) => refuses(async () => readArchive(bytes, length), true),
    short: 400,
  },
  'frames of a log': {
    made: fc.tuple(frames, pieceLength),
    check: async ([texts, length]: [string[], number]) =>
      refuses(async () => {
        for await (const _piece of piecesOf(inPieces(Buffer.from(texts.join('')), length)));
      }),
    short: 600,
  },
  'frames of a web socket': {
    made: fc.tuple(
      fc.array(fc.record({ opcode: fc.constantFrom(...Object.values(OPCODES), 3), text: nearly(['{"stdout":{"data":"aGk="}}', '']) }), {
        maxLength: 5,
      }),
      fc.array(fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) }), { maxLength: 4 }),
      pieceLength,
    ),
    check: async ([sent, edits, length]: [{ opcode: number; text: string }[], { at: number; byte: number }[], number]) => {
      const bytes = Buffer.concat(sent.map(({ opcode, text }) => encodeFrame(opcode, text, 0)));
      for (const { at, byte } of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      const read = frameReader();
      await refuses(async () => {
        for await (const piece of inPieces(bytes, length)) read(piece);
      });
    },
    short: 600,
  },
  'messages of a session': { made: messages, check: async (texts: string[]) => refuses(async () => readSession(texts), true), short: 400 },
  'answers of Prometheus': {
    made: fc.tuple(
      fc.oneof(
        nearlyJson(FIGURES).map((value) => JSON.stringify(value)),
        nearly([JSON.stringify(FIGURES)]),
      ),
      fc.constantFrom(undefined, 'allocation', '__proto__', 'toString'),
      fc.constantFrom(200, 200, 400, 503),
    ),
    check: async ([body, by, status]: [string, string | undefined, number]) => readFigures(body, by, status),
    short: 600,
  },
} as const;
