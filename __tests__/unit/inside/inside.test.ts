import { describe, expect, test } from '@jest/globals';
import { modeOf } from '../../../src/inside/copy-out.ts';
import { endOf } from '../../../src/inside/ending.ts';
import { escapeReader } from '../../../src/inside/escape.ts';
import { forwardOf, portOf } from '../../../src/inside/forward.ts';
import { helperJob } from '../../../src/inside/helper.ts';
import { apiPath, copyOf } from '../../../src/inside/places.ts';
import { progressLine } from '../../../src/inside/progress.ts';
import { parseSums } from '../../../src/inside/scripts.ts';
import { endFilter, losesOutput, needsMarks } from '../../../src/inside/whole.ts';
import type { Allocation, PlacedAllocation } from '../../../src/nomad/types.ts';
import { bytesText } from '../../../src/text/index.ts';

describe('the escape', () => {
  const typed = (...pieces: readonly string[]) => {
    const filter = escapeReader();
    return pieces.map((piece) => {
      const { rest, order } = filter(Buffer.from(piece));
      return [Buffer.from(rest).toString(), order];
    });
  };
  test('leaves at the beginning of a line only', () => {
    expect(typed('~.')).toEqual([['', 'leave']]);
    expect(typed('a~.')).toEqual([['a~.', undefined]]);
    expect(typed('a\r', '~', '.')).toEqual([
      ['a\r', undefined],
      ['', undefined],
      ['', 'leave'],
    ]);
    expect(typed('a\n~.b')).toEqual([['a\n', 'leave']]);
  });
  test('~~ is one ~, ~? is the help, and any other key comes with its ~', () => {
    expect(typed('~~x')).toEqual([['~x', undefined]]);
    expect(typed('~?~.')).toEqual([['', 'leave']]);
    expect(typed('~?x')).toEqual([['x', 'help']]);
    expect(typed('~\r~.')).toEqual([['~\r', 'leave']]);
  });
});

describe('the places of a copy', () => {
  test.each([
    ['app', ':/local/', { direction: 'in', local: 'app', remote: '/local/', alloc: undefined }],
    [':/local/x', '.', { direction: 'out', local: '.', remote: '/local/x', alloc: undefined }],
    ['1A2b:/x', 'y', { direction: 'out', local: 'y', remote: '/x', alloc: '1a2b' }],
    ['./a:b', ':rel', { direction: 'in', local: './a:b', remote: 'rel', alloc: undefined }],
    [':/a:b', 'x', { direction: 'out', local: 'x', remote: '/a:b', alloc: undefined }],
  ])('%s %s', (source, destination, copy) => {
    expect(copyOf(source, destination, 'linux')).toEqual(copy);
  });
  test('a drive of Windows is no allocation', () => {
    expect(copyOf('c:\\app', ':/x', 'win32')).toMatchObject({ direction: 'in', local: 'c:\\app' });
  });
  test.each([
    ['a', 'b', 'on this machine'],
    [':/a', ':/b', 'both in a task'],
    [undefined, ':/b', '`source` is not set'],
    ['a', ':', 'names no path'],
  ])('%s %s is refused', (source, destination, message) => {
    expect(() => copyOf(source, destination, 'linux')).toThrow(message);
  });
  test.each([
    ['/alloc/logs/', '/alloc/logs'],
    ['/local', '/t/local'],
    ['/local/a/../b', '/t/local/b'],
    ['/local/../etc', undefined],
    ['/secrets/x', undefined],
    ['local/x', undefined],
    ['/localx', undefined],
  ])('%s is %s for the file API', (remote, path) => {
    expect(apiPath(remote, 't')).toBe(path);
  });
});

test.each([
  ['-rw-r--r--', 0o644],
  ['drwxr-xr-x', 0o755],
  ['dtrwxrwxrwx', 0o777],
  ['urwxr-x---', 0o750],
])('the mode %s', (words, mode) => {
  expect(modeOf(words)).toBe(mode);
});

test('sums of GNU, busybox and OpenSSL', () => {
  const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(64));
  expect(Object.fromEntries(parseSums(`${one}  ./a b\n\\${two}  ./x\\ny\\\\\n${three} *./c\n`) ?? [])).toEqual({
    'a b': one,
    'x\ny\\': two,
    c: three,
  });
  expect(parseSums('none\n')).toBeUndefined();
});

test('the bytes and the bar of a progress', () => {
  expect([999, 1_000, 1_550_000, 3e9].map(bytesText)).toEqual(['999 B', '1.0 kB', '1.6 MB', '3.0 GB']);
  expect(progressLine('big', 5e6, { total: 2e7, elapsedMs: 500 })).toBe(
    'big: [######                  ] 25 %, 5.0 MB of 20.0 MB, 10.0 MB/s',
  );
  expect(progressLine('big', 5e6, { total: undefined, elapsedMs: 500 })).toBe('big: 5.0 MB, 10.0 MB/s');
});

describe('the mark at the end of an output', () => {
  const end = '\0mark>7\0';
  test.each([1, 2, 3, 5, 100])('in pieces of %i bytes', (size) => {
    const bytes = Buffer.from(`a\0b\0mark\0marx>${end}`);
    const filter = endFilter('mark');
    let [text, code]: [string, number | undefined] = ['', undefined];
    for (let i = 0; i < bytes.length; i += size) {
      const next = filter(bytes.subarray(i, i + size));
      text += next.rest.toString();
      code = next.code ?? code;
    }
    expect([text, code]).toEqual(['a\0b\0mark\0marx>', 7]);
  });
  test('is for the drivers that end a session early', () => {
    expect(['docker', 'podman', undefined, 'raw_exec', 'exec', 'java'].map(losesOutput)).toEqual([true, true, true, false, false, false]);
  });
  // The executor of raw_exec ends a session only when its input has ended, so a connection to a closed port would hang.
  test('is for every driver where an input stays open', () => {
    expect(needsMarks('raw_exec', { tty: false, noInput: false })).toBe(true);
    expect(needsMarks('raw_exec', { tty: false, noInput: true })).toBe(false);
    expect(needsMarks('raw_exec', { tty: true, noInput: false })).toBe(false);
    expect(needsMarks('docker', { tty: true, noInput: true })).toBe(true);
  });
});

describe('the end of a task', () => {
  const allocation = (more: object): Allocation => ({ ClientStatus: 'running', NodeName: 'n1', ...more }) as Allocation;
  const state = (State: string, Restarts = 0) => ({
    TaskStates: { t: { State, Restarts, Failed: false, Events: [{ Type: 'Killed', Time: 1, DisplayMessage: 'Task killed' }] } },
  });
  test.each([
    [undefined, 'Nomad has removed the allocation'],
    [allocation({ ClientStatus: 'lost' }), 'the node n1 is down'],
    [allocation({ ClientStatus: 'unknown' }), 'the node n1 is disconnected'],
    [allocation(state('dead')), 'the task t has ended: Task killed'],
    [allocation(state('pending')), 'the task t restarts: Task killed'],
    [allocation(state('running', 2)), 'the task t restarts: Task killed'],
    [allocation(state('running', 1)), undefined],
  ])('%#', (now, why) => {
    expect(endOf(now, 't', 1)).toBe(why);
  });
  test.each([
    [['Started', 'Terminated', 'Restarting', 'Started'], 'Terminated'],
    [['Started', 'Restart Signaled', 'Terminated', 'Restarting', 'Started'], 'Restart Signaled'],
    [['Started', 'Restart Signaled', 'Terminated', 'Restarting', 'Started', 'Terminated', 'Restarting'], 'Terminated'],
    [['Restarting', 'Started'], undefined],
  ])('tells the event of the run that has ended, not the begin of the next one: %j', (types, told) => {
    const Events = types.map((Type, Time) => ({ Type, Time, DisplayMessage: '' }));
    const now = allocation({ TaskStates: { t: { State: 'running', Restarts: 2, Failed: false, Events } } });
    expect(endOf(now, 't', 1)).toBe(`the task t restarts${told === undefined ? '' : `: ${told}`}`);
  });
});

describe('a tunnel', () => {
  test.each([
    ['8080:http', 8080, 'http'],
    ['1:65535', 1, '65535'],
    ['8080:my-port_2', 8080, 'my-port_2'],
  ])('%s', (text, local, port) => {
    expect(forwardOf(text)).toEqual({ local, port });
  });
  test.each(['8080', ':http', '0:http', '65536:http', '80:65536', '80:0', '80:', 'a:b', '80:a b'])('%s is refused', (text) => {
    expect(() => forwardOf(text)).toThrow('is not LOCAL:PORT');
  });
  const allocation = {
    Name: 'shop.g[0]',
    AllocatedResources: {
      Shared: {
        Ports: [
          { Label: 'http', Value: 21_000, To: 5000, HostIP: '10.0.0.1' },
          { Label: 'raw', Value: 22_000, To: 0, HostIP: '10.0.0.1' },
        ],
      },
    },
  } as PlacedAllocation;
  test('finds a port by its label, and by its number inside or on the node', () => {
    expect(portOf(allocation, 'http')).toEqual({ inside: 5000, host: { address: '10.0.0.1', port: 21_000 } });
    expect(portOf(allocation, '5000')).toEqual(portOf(allocation, 'http'));
    expect(portOf(allocation, '21000')).toEqual(portOf(allocation, 'http'));
    expect(portOf(allocation, 'raw').inside).toBe(22_000);
    expect(portOf(allocation, '99')).toEqual({ inside: 99, host: undefined });
    expect(() => portOf(allocation, 'no')).toThrow('shop.g[0] has no port "no"');
  });
  test('has a helper in the pool of the job, on the node of the allocation', () => {
    const job = helperJob({ id: 'h', image: 'busybox', nodeId: 'n-1', driver: 'docker', job: { NodePool: 'gpu' }, namespace: 'apps' });
    expect(job).toMatchObject({
      Type: 'batch',
      Namespace: 'apps',
      NodePool: 'gpu',
      Constraints: [{ LTarget: '${node.unique.id}', RTarget: 'n-1', Operand: '=' }],
    });
  });
});
