import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type ActionOptions, type ActionResult, makeWorkspace, parseRunnerFile, runAction } from '../../scripts/parts/action.ts';
import { commandReader, onLines } from '../../scripts/parts/commands.ts';

describe('a runner file', () => {
  test('holds lines and blocks', () => {
    expect(parseRunnerFile('a=1=2\n\nb<<END\none\n\ntwo=2\nEND\nempty=\nc<<X\nX\nd=<<\n')).toEqual({
      a: '1=2',
      b: 'one\n\ntwo=2',
      empty: '',
      c: '',
      d: '<<',
    });
  });
  test.each(['a<<END\nnever ended\n', 'no sign\n'])('is refused as the runner does: %j', (text) => {
    expect(() => parseRunnerFile(text)).toThrow();
  });
});

test.each([
  ['a line feed', ['one\ntwo\n\n'], ['one', 'two', '']],
  ['a carriage return, alone or before a line feed', ['one\rtwo\r\nthree\r'], ['one', 'two', 'three']],
  ['a `\\r\\n` that comes in two parts', ['one\r', '\ntwo\r', 'three'], ['one', 'two', 'three']],
  ['nothing else', ['one\u2028::error::\u2029still one\u0085\f\v'], ['one\u2028::error::\u2029still one\u0085\f\v']],
])('a line ends as for the runner at %s', async (_what, chunks, expected) => {
  const stream = new PassThrough();
  const lines: string[] = [];
  onLines(stream, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await once(stream, 'end');
  expect(lines).toEqual(expected);
});

describe('workflow commands', () => {
  const read = (...lines: string[]): ReturnType<ReturnType<typeof commandReader>['result']> => {
    const commands = commandReader();
    for (const line of lines) commands.read(line);
    return commands.result();
  };

  test('annotate, with escaped values', () => {
    expect(
      read('::error file=a.hcl,line=3,title=50%25%3A x%2Cy::one%0Atwo%25', 'text ::error::not at the start', ' \u0085::error::')
        .annotations,
    ).toEqual([
      { level: 'error', file: 'a.hcl', line: 3, title: '50%: x,y', message: 'one\ntwo%' },
      { level: 'error', message: '' },
    ]);
  });
  test('are found in their older form anywhere in a line', () => {
    expect(read('a log: ##[error file=a%3Bb;line=3]one').annotations).toEqual([{ level: 'error', file: 'a;b', line: 3, message: 'one' }]);
  });
  test('mask from then on, each line of a value by itself', () => {
    const { masks, shown } = read('early s3cret', '::add-mask::s3cret%0Aline', 'late s3cret, line');
    expect(masks).toEqual(['s3cret\nline', 's3cret', 'line']);
    expect(shown).toBe('early s3cret\n::add-mask::***\nlate ***, ***\n');
  });
  test('are text while they are stopped', () => {
    const { annotations } = read('::stop-commands::t0ken', '::error::from a task', '::t0ken::', '::notice::ours');
    expect(annotations).toEqual([{ level: 'notice', message: 'ours' }]);
  });
});

describe('running an action as the runner does', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });
  /** Runs `main` as an action's step; its post step prints the environment. */
  function run(main: string, options: Partial<ActionOptions> = {}): Promise<ActionResult> {
    const workspace = makeWorkspace({
      'action.yml': `inputs: { nomad-addr: {}, two words: { default: "\${{ github.token }}" } }\nruns: { using: node24, main: dist/main.mjs, post: dist/post.mjs }`,
      'dist/main.mjs': `import { appendFileSync, writeFileSync } from 'node:fs';\nconst { env } = process;\n${main}`,
      'dist/post.mjs': 'console.log(JSON.stringify(process.env));',
    });
    folders.push(workspace);
    return runAction({ action: workspace, workspace, ...options });
  }

  test('gives inputs, context and nothing of our environment', async () => {
    process.env['NOMAD_TOKEN_OF_OURS'] = 'leak';
    const { stdout, code } = await run('console.log(JSON.stringify({ ...env, cwd: process.cwd() })); process.exitCode = 3', {
      token: 'ghs_1',
      inputs: { 'Nomad-Addr': 'http://n' },
      env: { GITHUB_REF: 'refs/tags/v1' },
      event: { name: 'release', payload: {} },
    });
    delete process.env['NOMAD_TOKEN_OF_OURS'];
    const env = JSON.parse(stdout) as Record<string, string>;
    expect(code).toBe(3);
    expect(env).toMatchObject({
      'INPUT_NOMAD-ADDR': 'http://n',
      INPUT_TWO_WORDS: 'ghs_1',
      GITHUB_REF_NAME: 'v1',
      GITHUB_REF_TYPE: 'tag',
      GITHUB_EVENT_NAME: 'release',
      cwd: env['GITHUB_WORKSPACE'],
    });
    expect(env).not.toHaveProperty('NOMAD_TOKEN_OF_OURS');
  });

  test('reads outputs and summary, hands state and environment to the post step, and lists what is left', async () => {
    const result = await run(`
      appendFileSync(env.GITHUB_OUTPUT, 'a=1\\n'); appendFileSync(env.GITHUB_STEP_SUMMARY, '# Hi\\n');
      appendFileSync(env.GITHUB_STATE, 'pid=7\\n'); appendFileSync(env.GITHUB_ENV, 'ADDED=x\\n'); appendFileSync(env.GITHUB_PATH, '/added\\n');
      writeFileSync(env.RUNNER_TEMP + '/key.pem', ''); process.exit(1)`);
    expect(result).toMatchObject({ code: 1, outputs: { a: '1' }, summary: '# Hi\n', leftovers: ['key.pem'] });
    const post = JSON.parse(result.post?.stdout ?? '') as Record<string, string>;
    expect(post).toMatchObject({ STATE_pid: '7', ADDED: 'x', 'INPUT_NOMAD-ADDR': '' });
    expect(post['PATH']).toMatch(/^\/added:/);
  });

  test('cancels with SIGINT, and still runs the post step', async () => {
    const main = `process.on('SIGINT', () => { console.log('asked to stop'); process.exit(9) }); setInterval(() => {}, 1000); console.log('waiting')`;
    const result = await run(main, { killAfter: (line) => line === 'waiting' });
    expect(result).toMatchObject({ code: 9, log: 'waiting\nasked to stop\n', post: { code: 0 } });
  });
});
