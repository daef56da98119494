// The action and Nomad's own program make the same job of each file of fixtures/corpus, get the same plan for it, and accept or refuse it both. The README.md
// there says how a file becomes a test.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeWorkspace } from '../../scripts/parts/action.ts';
import { type Nomad, startNomad } from '../../scripts/parts/nomad.ts';
import { startProxy } from '../../scripts/parts/observing.ts';
import { parseLossless } from '../../src/nomad/json.ts';
import type { Diff, Job, PlanResponse } from '../../src/nomad/types.ts';
import { deploy } from '../helpers/deploying.ts';
import { parts, partsRun } from '../helpers/parts.ts';
import { since } from '../helpers/versions.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/corpus');
/** Variable files, which belong to the spec whose name they begin with. */
const VALUES = /\.vars\.(hcl|json)$/;

/** A cluster that is configured for Vault, since any other refuses the jobs that use it. Nothing is ever placed, so there is no Vault. */
let cluster: Nomad;
beforeAll(async () => {
  const config = 'vault {\n  enabled = true\n  address = "http://127.0.0.1:9"\n  default_identity {\n    aud = ["vault.io"]\n  }\n}\n';
  cluster = await startNomad(partsRun(), { docker: parts().docker, config });
});
afterAll(async () => cluster.stop());

/** Everything that a deploy adds to a job on purpose: the owner record in its `meta`, and the links by which its `ui` tells where the version comes from. */
const ADDED = { meta: ['nomad_deploy_repository', 'nomad_deploy_environment'], link: '#nomad-deploy' };

/** Returns a job without what is added. A block that is empty then is not there. */
function withoutAdded({ Meta, UI, ...job }: Job): object {
  const meta = Object.entries(Meta ?? {}).filter(([name]) => !ADDED.meta.includes(name));
  const links = (UI?.Links ?? []).filter(({ URL, Url }) => !`${URL ?? Url}`.includes(ADDED.link));
  return {
    ...job,
    Meta: meta.length === 0 ? null : Object.fromEntries(meta),
    UI: !UI || (links.length === 0 && !UI.Description) ? null : { ...UI, Links: links.length === 0 ? null : links },
  };
}

/** Returns a plan's diff without it. Nomad lists equal parts in another order each time. */
function diffWithoutAdded({ Fields, Objects, ...diff }: Diff): object {
  return sorted({
    ...diff,
    Fields: Fields?.filter(({ Name }) => !ADDED.meta.some((name) => Name === `Meta[${name}]`)),
    // The user's own links are compared as a part of the job.
    Objects: Objects?.filter(({ Name }) => Name !== 'UI'),
  });
}

function sorted<T>(value: T): T {
  const order = (_key: string, one: unknown): unknown =>
    Array.isArray(one)
      ? one
          .map((item) => [JSON.stringify(item), item] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([, item]) => item)
      : one;
  return JSON.parse(JSON.stringify(value), order) as T;
}

/** Returns each field in which two values differ, with both; a field that is missing is the same as `null`, as it is for Nomad. */
function differences(ours: unknown, theirs: unknown, path = 'Job'): string[] {
  const text = (value: unknown): string => JSON.stringify(value ?? null);
  if (!isTree(ours) || !isTree(theirs) || Array.isArray(ours) !== Array.isArray(theirs))
    return text(ours) === text(theirs) ? [] : [`${path} is ${text(ours)} here, and ${text(theirs)} by Nomad's own program`];
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((key) =>
    differences(ours[key], theirs[key], Array.isArray(ours) ? `${path}[${key}]` : `${path}.${key}`),
  );
}
const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !JSON.isRawJSON(value);

/** A job as a client had it planned, and Nomad's answer. */
interface Planned {
  readonly job: Job;
  readonly answer: PlanResponse;
}

/** Has a client ask Nomad by a proxy. Returns the last plan that Nomad made for it, if any, beside what the client itself returns. */
async function observing<T>(work: (address: string) => Promise<T>): Promise<{ readonly said: T; readonly planned: Planned | undefined }> {
  let planned: Planned | undefined;
  const pass = async ({ method = 'POST', url }: IncomingMessage, body: Buffer): Promise<readonly [status: number, text: string]> => {
    const response = await fetch(`${cluster.address}${url}`, { method, body });
    const text = await response.text();
    if (response.ok) planned = { job: (parseLossless(body.toString()) as { Job: Job }).Job, answer: JSON.parse(text) as PlanResponse };
    return [response.status, text];
  };
  const proxy = await startProxy(cluster.address, (asked, answer) => {
    if (!/^\/v1\/job\/[^/]+\/plan\b/.test(asked.url ?? '')) return undefined;
    buffer(asked)
      .then(async (body) => pass(asked, body))
      .then(
        ([status, text]) => answer.writeHead(status, { 'content-type': 'application/json' }).end(text),
        () => answer.destroy(),
      );
    return 'dealt-with';
  });
  try {
    const said = await work(proxy.address);
    return { said, planned };
  } finally {
    await proxy.close();
  }
}

/** Returns the parts of a plan that are the same for the same job: no times, and no scores of nodes. */
function verdictOf({ Diff, Annotations, FailedTGAllocs, Warnings, NextPeriodicLaunch }: PlanResponse): object {
  const unplaced = Object.entries(FailedTGAllocs ?? {}).map(([group, metric]) => {
    const { NodesEvaluated, NodesFiltered, ConstraintFiltered, NodesExhausted, DimensionExhausted } = metric;
    // Of several missing CSI volumes, Nomad names one by chance: its map of volumes has no order.
    const filtered = Object.entries(ConstraintFiltered ?? {}).map(([what, nodes]) => [
      what.replace(/^(missing CSI (?:Volume|volume\(s\))) .*/, '$1'),
      nodes,
    ]);
    return [group, { NodesEvaluated, NodesFiltered, filtered: Object.fromEntries(filtered), NodesExhausted, DimensionExhausted }] as const;
  });
  return {
    diff: Diff && diffWithoutAdded(Diff),
    updates: Annotations?.DesiredTGUpdates,
    unplaced: Object.fromEntries(unplaced),
    warnings: Warnings,
    isPeriodic: Boolean(NextPeriodicLaunch),
  };
}

interface Spoken {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Nomad's own program. It sees nothing of our environment, which may hold an address or a token. */
async function nomad(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<Spoken> {
  const { promise, resolve } = Promise.withResolvers<Spoken>();
  const child = execFile(
    parts().nomadBin,
    args,
    { cwd, env: { PATH: process.env['PATH'], ...env }, maxBuffer: 2 ** 26 },
    (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
  );
  return promise;
}

/** A job file with what its comments say, see the README.md. */
interface Entry {
  readonly name: string;
  readonly varFiles: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Words that both refusals have; undefined for a spec that both accept. */
  readonly refusal: string | undefined;
  /** The version of Nomad from which on that is so. */
  readonly from: string;
}

const FILES: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path.slice(FOLDER.length + 1), readFileSync(path, 'utf8')]),
);

const ENTRIES: readonly Entry[] = Object.entries(FILES)
  .filter(([name]) => !name.includes('/') && name !== 'README.md' && !VALUES.test(name))
  .map(([name, text]) => ({
    name,
    varFiles: Object.keys(FILES).filter((file) => VALUES.test(file) && file.startsWith(`${name.split('.')[0]}.`)),
    env: Object.fromEntries([...text.matchAll(/^(?:#|\/\/) (NOMAD_VAR_\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value])),
    refusal: /^# Refused: (.+)$/m.exec(text)?.[1],
    from: /^# Since: (.+)$/m.exec(text)?.[1] ?? '0',
  }));

/** Has the action plan a file, and Nomad's own program render and plan it. */
async function compare({ name, varFiles, env }: Entry) {
  const json = name.endsWith('.json') ? ['-json'] : [];
  const files = Object.fromEntries(
    Object.entries(FILES).filter(([file]) => file === name || varFiles.includes(file) || file.includes('/')),
  );
  const workspace = makeWorkspace(files);
  const values = varFiles.map((file) => `-var-file=${file}`);
  const inputs = { command: 'plan', job: name, build: 'false', 'var-files': varFiles.join('\n') };
  const [ours, theirs, rendered] = await Promise.all([
    observing(async (address) =>
      deploy({ files, env: { ...env, NOMAD_BIN: parts().nomadBin }, inputs: { ...inputs, 'nomad-addr': address } }),
    ),
    observing(async (address) => nomad(['job', 'plan', '-no-color', ...json, ...values, name], workspace, { ...env, NOMAD_ADDR: address })),
    nomad(['job', 'run', '-output', ...json, ...values, name], workspace, env),
  ]);
  /** Returns the job of a JSON file as the program writes it: with all fields, also those that the file leaves out. */
  const written = async (job: object): Promise<object> => {
    if (json.length === 0) return job;
    writeFileSync(join(workspace, 'sent.json'), JSON.stringify(job));
    return jobOf((await nomad(['job', 'run', '-output', '-json', 'sent.json'], workspace, {})).stdout);
  };
  return { ours, theirs, rendered, written };
}

/** Both refuse what is newer than their Nomad, or both accept it. */
async function expectAgreement(entry: Entry): Promise<void> {
  const { ours, theirs } = await compare(entry);
  expect(ours.said.outputs['outcome']).toBe(theirs.said.code === 255 ? 'failed' : 'planned');
}

const jobOf = (text: string): Job => {
  const { Job, ...bare } = parseLossless(text) as { Job?: Job };
  return Job ?? (bare as Job);
};

describe('Nomad’s own program makes the same', () => {
  test.concurrent.each(ENTRIES.filter(({ refusal }) => refusal === undefined))('of $name', async (entry) => {
    if (!since(entry.from)) return expectAgreement(entry);
    const { ours, theirs, rendered, written } = await compare(entry);
    // It exits with 1 when something would be placed.
    expect({ program: rendered.stderr + theirs.said.stderr, here: ours.said.outputs['cause'] ?? '' }).toEqual({ program: '', here: '' });
    expect({ outcome: ours.said.outputs['outcome'], changed: ours.said.outputs['changed'] }).toEqual({
      outcome: 'planned',
      changed: 'create',
    });
    if (ours.planned === undefined || theirs.planned === undefined) throw new Error('nothing was planned');

    const job = withoutAdded(jobOf(rendered.stdout));
    expect(differences(await written(withoutAdded(ours.planned.job)), job)).toEqual([]);
    expect(differences(await written(withoutAdded(jobOf(readFileSync(ours.said.outputs['spec'] ?? '', 'utf8')))), job)).toEqual([]);
    expect(differences(verdictOf(ours.planned.answer), verdictOf(theirs.planned.answer), 'plan')).toEqual([]);
    const forecast = ours.said.annotations.some(({ message }) => message.startsWith('Forecast: '));
    expect({ unplaced: forecast }).toEqual({ unplaced: theirs.said.stdout.includes('WARNING: Failed to place') });
  });
});

describe('Nomad’s own program refuses, too,', () => {
  test.concurrent.each(ENTRIES.filter(({ refusal }) => refusal !== undefined))('$name', async (entry) => {
    if (!since(entry.from)) return expectAgreement(entry);
    const { ours, theirs } = await compare(entry);
    expect(theirs.said.stderr).toContain(entry.refusal);
    expect(theirs.said.code).toBe(255);
    expect(ours.said.outputs['cause']).toContain(entry.refusal);
    expect(ours.said.outputs).toMatchObject({ outcome: 'failed', 'failure-reason': expect.stringMatching(/^(jobspec|input)-invalid$/) });
    expect(ours.planned).toBeUndefined();
  });
});
