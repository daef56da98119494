import { describe, expect, test } from '@jest/globals';
import { tellingLine } from '../../../src/diagnose/log-line.ts';

const told = (text: string, stream: 'stderr' | 'stdout' = 'stderr'): string | undefined =>
  tellingLine([{ stream, lines: text.replace(/^\n/, '').split('\n') }])?.text;

/** Ends of logs as the runtimes of applications write them, and the line that tells. */
const ENDS: Readonly<Record<string, readonly [log: string, line: string]>> = {
  'a plain last line': ['starting\nno database\n\n', 'no database'],
  'Node.js, thrown': [
    `
/app/server.js:3
throw new Error('no database')
^

Error: no database
    at Object.<anonymous> (/app/server.js:3:7)
    at Module._compile (node:internal/modules/cjs/loader:1554:14)

Node.js v24.1.0`,
    'Error: no database',
  ],
  'Node.js, with properties': [
    `
node:net:1555
Error: connect ECONNREFUSED 127.0.0.1:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16) {
  errno: -111,
  code: 'ECONNREFUSED',
  port: 5432
}

Node.js v24.1.0`,
    'Error: connect ECONNREFUSED 127.0.0.1:5432',
  ],
  'npm start': [
    `
> shop@1.0.0 start
> node server.js

TypeError: Cannot read properties of undefined (reading 'x')
    at main (/app/server.js:1:2)
npm ERR! code 1
npm error A complete log of this run can be found in: /home/app/.npm/_logs/x.log`,
    "TypeError: Cannot read properties of undefined (reading 'x')",
  ],
  'npm without a script': [
    'npm error Missing script: "start"\nnpm error\nnpm error To see a list of scripts, run:\nnpm error   npm run\nnpm error A complete log of this run can be found in: /x',
    'npm error Missing script: "start"',
  ],
  'a call that failed': ['open(/data/x) failed: no such file or directory', 'open(/data/x) failed: no such file or directory'],
  Python: [
    `
Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    start()
ValueError: no rows`,
    'ValueError: no rows',
  ],
  'Python, chained': [
    `
psycopg2.OperationalError: connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection refused
(Background on this error at: https://sqlalche.me/e/20/e3q8)`,
    'sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection refused',
  ],
  'Python, an exception of another name': [
    `
Traceback (most recent call last):
  File "/app/manage.py", line 9, in <module>
    main()
django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.`,
    'django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.',
  ],
  'Go, panic': [
    `
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48e2a5]

goroutine 1 [running]:
main.main()
	/app/main.go:4 +0x18
exit status 2`,
    'panic: runtime error: invalid memory address or nil pointer dereference',
  ],
  'Go, log.Fatal': [
    'level=error msg="cache is away, going on"\n2026/01/02 10:00:00 listen tcp :80: bind: permission denied',
    '2026/01/02 10:00:00 listen tcp :80: bind: permission denied',
  ],
  Java: [
    `
Exception in thread "main" java.lang.IllegalStateException: cannot start
	at app.Main.main(Main.java:5)
Caused by: java.net.ConnectException: Connection refused
	at java.base/sun.nio.ch.Net.pollConnect(Native Method)
	... 12 more`,
    'Caused by: java.net.ConnectException: Connection refused',
  ],
  Rust: [
    `
thread 'main' panicked at src/main.rs:2:5:
no database
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`,
    "thread 'main' panicked at src/main.rs:2:5: no database",
  ],
  Ruby: [
    "app.rb:1:in `<main>': no database (RuntimeError)\n\tfrom /usr/lib/ruby/x.rb:3:in `load'",
    "app.rb:1:in `<main>': no database (RuntimeError)",
  ],
  PHP: [
    'PHP Fatal error:  Uncaught Exception: no database in /app/a.php:3\nStack trace:\n#0 {main}\n  thrown in /app/a.php on line 3',
    'PHP Fatal error:  Uncaught Exception: no database in /app/a.php:3',
  ],
  nginx: [
    '2026/01/02 10:00:00 [notice] 1#1: start\n2026/01/02 10:00:00 [emerg] 1#1: host not found in upstream "db"',
    '2026/01/02 10:00:00 [emerg] 1#1: host not found in upstream "db"',
  ],
  shell: ['+ set -e\n/bin/sh: 1: serve: not found', '/bin/sh: 1: serve: not found'],
  colours: ['\u001b[32minfo\u001b[39m: up\n\u001b[31merror\u001b[39m: no database\u001b[0m', 'error: no database'],
  'JSON of zap': [
    '{"level":"info","msg":"up"}\n{"level":"fatal","ts":1,"msg":"cannot start","error":"dial tcp: refused"}',
    'cannot start: dial tcp: refused',
  ],
  'JSON of pino': ['{"level":50,"time":1,"err":{"message":"no database"},"msg":"start"}\n{"level":30,"msg":"bye"}', 'start: no database'],
  'JSON without a message': ['{"a":1}', '{"a":1}'],
  'what is no JSON': ['{ error', '{ error'],
  'nothing but frames': ['  at x', 'at x'],
  'a warning after the error': ['error: no database\n(node:1) [DEP1] DeprecationWarning: missing', 'error: no database'],
  'a very long line': [`error: ${'x'.repeat(300)}`, `error: ${'x'.repeat(152)}…`],
};

describe('the line of a log that tells why', () => {
  test.each(Object.entries(ENDS))('%s', (_name, [log, line]) => expect(told(log)).toBe(line));

  test.each([[''], ['\n \n'], ['\u001b[0m\n']])('is none in %j', (log) => expect(told(log)).toBeUndefined());
  test('is none without a log', () => expect(tellingLine([])).toBeUndefined());

  test('is that of stderr, unless only stdout has an error', () => {
    const tails = (stderr: string, stdout: string) => [
      { stream: 'stdout' as const, lines: [stdout] },
      { stream: 'stderr' as const, lines: [stderr] },
    ];
    expect(tellingLine(tails('bye', 'hello'))).toEqual({ text: 'bye', error: false });
    expect(tellingLine(tails('bye', 'Error: no database'))).toEqual({ text: 'Error: no database', error: true });
    expect(tellingLine(tails('panic: x', 'Error: y'))).toEqual({ text: 'panic: x', error: true });
    expect(
      tellingLine([
        { stream: 'stderr', lines: [] },
        { stream: 'stdout', lines: ['bye'] },
      ]),
    ).toEqual({ text: 'bye', error: false });
  });
});
