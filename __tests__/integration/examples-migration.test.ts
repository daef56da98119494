// examples/migration, deployed as its own workflow says, with a real PostgreSQL.

import { globSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { output } from '../../scripts/parts/exec.ts';
import { importPostgres, importPython } from '../../scripts/parts/images.ts';
import { cluster } from '../helpers/deploying.ts';
import { deployExample, readExample } from '../helpers/examples.ts';
import { parts, partsRun } from '../helpers/parts.ts';

const PASSWORD = 'pass-of-the-database';
const SOON = {
  NOMAD_VAR_SERVICE_PROVIDER: 'nomad',
  NOMAD_VAR_MIN_HEALTHY_TIME: '1s',
  NOMAD_VAR_RESTART_ATTEMPTS: '0',
  NOMAD_VAR_PROGRESS_DEADLINE: '0s',
};

let address = '';
let remove: () => Promise<void>;

const docker = async (...args: readonly string[]): Promise<string> =>
  (await output('docker', args, { env: { ...process.env, ...parts().docker.env } })).trim();
const sql = async (statement: string): Promise<string> => docker('exec', 'hooks-postgres', 'psql', '-U', 'postgres', '-Atc', statement);

beforeAll(async () => {
  const run = partsRun();
  // The same image as for the other examples, which holds what all of them ask for.
  await importPython(
    run,
    parts().docker,
    'python:3.13-slim',
    globSync(join(import.meta.dirname, '../../examples/**/requirements.txt')).sort(),
  );
  await importPostgres(run, parts().docker, 'postgres:17');
  remove = run.undoLater('database', `docker -H ${parts().docker.host} rm --force --volumes hooks-postgres`);
  await docker('run', '--detach', '--name', 'hooks-postgres', '--env', `POSTGRES_PASSWORD=${PASSWORD}`, 'postgres:17');
  address = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', 'hooks-postgres');
  // The server of the first start, which sets the database up, listens to nobody.
  await docker('exec', 'hooks-postgres', 'sh', '-c', `until pg_isready --quiet --host ${address}; do sleep 0.2; done`);
}, 1_800_000);
afterAll(async () => remove());

const migrate = async (files: Readonly<Record<string, string>> = {}): ReturnType<typeof deployExample> =>
  deployExample('migration', {
    files,
    env: SOON,
    expressions: { 'secrets.DATABASE_URL': `postgresql://postgres:${PASSWORD}@${address}/postgres` },
  });
const page = async (): Promise<string> => {
  const [{ Address, Port } = { Address: '', Port: 0 }] = await cluster.services('acme-migration');
  return (await fetch(`http://${Address}:${Port}/`)).text();
};
const GREETINGS = { 'migrations/2-greetings.sql': "ALTER TABLE guests ADD COLUMN greeting text NOT NULL DEFAULT 'Hello';\n" };

test('migration: the first version makes its tables, and is deployed', async () => {
  const result = await migrate();
  expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '0' } });
  expect(result.log).toContain('pre-deploy | applying 1-guests.sql');
  expect(result.shown).not.toContain(PASSWORD);
  expect(await page()).toBe('Ada\nGrace\n');
});

test('migration: the second version finds its column', async () => {
  const app = readExample('migration').files['app.py'] ?? '';
  const greeting = app.replace('SELECT name FROM guests', "SELECT greeting || ' ' || name FROM guests");
  const result = await migrate({ ...GREETINGS, 'app.py': greeting });
  expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '1' } });
  expect(result.log).toContain('pre-deploy | applying 2-greetings.sql');
  expect(result.log).not.toContain('applying 1-guests.sql');
  expect(await page()).toBe('Hello Ada\nHello Grace\n');
});

test('migration: one that fails deploys nothing, and leaves the tables as they were', async () => {
  const bad = { ...GREETINGS, 'migrations/3-bad.sql': 'ALTER TABLE guests DROP COLUMN name;\nALTER TABLE guest ADD COLUMN age int;\n' };
  const result = await migrate(bad);
  expect(result).toMatchObject({
    code: 1,
    outputs: {
      outcome: 'failed',
      'failure-reason': 'pre-deploy-failed',
      cause: expect.stringMatching(/^pre-deploy failed: group\/http exited with code 1: ".*relation \\?"guest\\?" does not exist/),
    },
  });
  expect((await cluster.job('acme-migration'))?.Version).toBe(1);
  expect(await sql("SELECT count(*) FROM information_schema.columns WHERE table_name = 'guests' AND column_name = 'name'")).toBe('1');
  expect(await page()).toBe('Hello Ada\nHello Grace\n');
});
