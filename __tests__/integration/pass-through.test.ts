// Blocks of every age reach the cluster as its own parser reads them, whatever the spec is written in. Which of them the parser and the servers know is asked
// of the cluster of the run.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { cluster, deploy } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

type Texts = Readonly<Record<string, string>>;
type Json = Record<string, unknown>;

/** Blocks of a job, a group and a task, in HCL. */
interface Blocks {
  readonly job?: string;
  readonly group?: string;
  readonly task?: string;
}
const BLOCKS: Readonly<Record<string, Blocks>> = {
  schedule: { task: 'schedule {\n cron {\n start = "0 9 * * * *"\n end = "0 17"\n timezone = "Europe/Berlin"\n }\n}' },
  identities: {
    task: [
      'identity {\n env = true\n file = true\n}',
      'identity {\n name = "cloud"\n aud = ["https://cloud.example.com"]\n ttl = "1h"\n change_mode = "signal"\n change_signal = "SIGHUP"\n}',
      'identity {\n name = "other"\n aud = ["a", "b"]\n env = true\n file = true\n filepath = "local/other.jwt"\n change_mode = "restart"\n ttl = "30m"\n}',
    ].join('\n'),
  },
  claims: { task: 'identity {\n name = "claims"\n aud = ["a"]\n ttl = "30m"\n extra_claims = ["team"]\n}' },
  disconnect: { group: 'disconnect {\n lost_after = "1h"\n replace = false\n reconcile = "keep_original"\n}' },
  numa: { task: 'resources {\n cores = 1\n memory = 32\n numa {\n affinity = "prefer"\n }\n}' },
  ui: { job: 'ui {\n description = "A *shop*"\n link {\n label = "Docs"\n url = "https://example.com/docs"\n }\n}' },
  duration: { group: 'max_run_duration = "1h"' },
  sticky: {
    group:
      'volume "data" {\n type = "host"\n source = "data"\n sticky = true\n access_mode = "single-node-writer"\n attachment_mode = "file-system"\n}',
  },
  consul: { group: 'consul {\n cluster = "default"\n}' },
  vault: { task: 'vault {\n role = "app"\n change_mode = "noop"\n allow_token_expiration = true\n}' },
  action: { task: 'action "greet" {\n command = "/bin/echo"\n args = ["$${NOMAD_TASK_NAME}"]\n}' },
  secrets: {
    task: [
      'secret "kv" {\n provider = "nomad"\n path = "shared/keys"\n config {\n namespace = "default"\n }\n}',
      'secret "plugin" {\n provider = "some-plugin"\n path = "x"\n env {\n A = "b"\n }\n}',
    ].join('\n'),
  },
  multiregion: {
    job: 'multiregion {\n strategy {\n max_parallel = 1\n on_failure = "fail_all"\n }\n region "global" {\n count = 0\n datacenters = ["dc1"]\n }\n}',
  },
  delay: { group: 'shutdown_delay = "2s"', task: 'shutdown_delay = "3s"\nkill_signal = "SIGINT"' },
};

const ID = 'pass-through';
const jobOf = (blocks: readonly Blocks[], head = '', id = ID): string => {
  const all = (of: keyof Blocks): string => blocks.flatMap((one) => one[of] ?? []).join('\n');
  return `job "${id}" {\n${head}\n${all('job')}\ngroup "g" {\ncount = 0\n${all('group')}\ntask "t" {\ndriver = "raw_exec"\nconfig {\ncommand = "true"\n}\n${all('task')}\n}\n}\n}\n`;
};
/** The same in HCL's JSON. */
const JSON_HCL = JSON.stringify({
  job: {
    [ID]: {
      ui: { description: 'A *shop*', link: [{ label: 'Docs', url: 'https://example.com/docs' }] },
      group: {
        g: {
          count: 0,
          disconnect: { lost_after: '1h', replace: false, reconcile: 'keep_original' },
          volume: { data: { type: 'host', source: 'data', sticky: true } },
          task: {
            t: {
              driver: 'raw_exec',
              config: { command: 'true' },
              identity: [{ env: true }, { name: 'cloud', aud: ['x'], ttl: '1h', file: true }],
              action: { greet: { command: '/bin/echo', args: ['a'] } },
              schedule: { cron: { start: '0 9 * * * *', end: '0 17' } },
            },
          },
        },
      },
    },
  },
});

async function parse(text: string): Promise<Json | undefined> {
  const response = await cluster.send('POST', '/v1/jobs/parse', { JobHCL: text, Canonicalize: false });
  return response.ok ? ((await response.json()) as Json) : undefined;
}

let known: readonly (readonly [string, Blocks])[] = [];
/** The blocks that the servers of this edition register. */
let allowed: readonly Blocks[] = [];
let whole = '';
let parsed: Json = {};
beforeAll(async () => {
  const entries = Object.entries(BLOCKS);
  const alone = await Promise.all(entries.map(async ([, blocks]) => parse(jobOf([blocks]))));
  known = entries.filter((_, i) => alone[i] !== undefined);
  whole = jobOf(known.map(([, blocks]) => blocks));
  parsed = (await parse(whole)) ?? {};
  const isAllowed = async (Job: Json | undefined): Promise<boolean> => {
    if (Job === undefined) return false;
    const answer = await cluster.send('POST', '/v1/validate/job', { Job });
    return !((await answer.json()) as { ValidationErrors?: unknown }).ValidationErrors;
  };
  const isTaken = await Promise.all(alone.map(isAllowed));
  allowed = entries.flatMap(([, blocks], i) => (isTaken[i] === true ? [blocks] : []));
});

const rendered = async (files: Texts, env: Texts = {}): Promise<unknown> => {
  const [job = ''] = Object.keys(files);
  // A group without allocations is no reason to refuse: only what the parser makes of the file counts here.
  const result = await deploy({ files, inputs: { command: 'render', job }, env });
  expect({ ...result, log: '' }).toMatchObject({ code: 0, outputs: { outcome: 'rendered' } });
  return JSON.parse(readFileSync(result.outputs['spec'] ?? '', 'utf8'));
};
/** The place of the first annotation. */
const place = ({ annotations: [first] }: ActionResult): unknown[] => [first?.file, first?.line];
const registrable = (): string => jobOf(allowed);

describe('the job is what the parser of the cluster makes of the blocks', () => {
  test('and the parser knows nearly all of them', () => {
    expect(known.map(([name]) => name)).toEqual(
      expect.arrayContaining(['schedule', 'identities', 'disconnect', 'numa', 'ui', 'action', 'multiregion']),
    );
    expect(parsed).toMatchObject({ ID, TaskGroups: [{ Name: 'g' }] });
    expect(allowed.length).toBeGreaterThan(4);
  });
  test.concurrent('in HCL', async () => expect(await rendered({ 'job.nomad': registrable() })).toEqual(await parse(registrable())));
  test.concurrent('in a Handlebars template', async () =>
    expect(await rendered({ 'job.nomad.hbs': registrable() })).toEqual(await parse(registrable())));
  test.concurrent('in HCL with functions that read files', async () => {
    const note = (value: string): string => jobOf(allowed, `meta {\n note = ${value}\n}`);
    expect(await rendered({ 'job.nomad': note('file("note")'), note: 'x' }, { NOMAD_BIN: parts().nomadBin })).toEqual(
      await parse(note('"x"')),
    );
  });
  test.concurrent('in a job object, of JSON', async () =>
    expect(await rendered({ 'job.json': JSON.stringify(await parse(registrable())) })).toEqual(await parse(registrable())));
  test.concurrent('in a job object, of YAML', async () =>
    expect(await rendered({ 'job.yaml': stringify({ Job: await parse(registrable()) }) })).toEqual(await parse(registrable())));
  test.concurrent('in files that are laid over a job', async () => {
    const over = allowed.map(({ job = '' }) => job).join('\n');
    const group = [
      allowed.map((one) => one.group ?? '').join('\n'),
      `task "t" {\n${allowed.map((one) => one.task ?? '').join('\n')}\n}`,
    ].join('\n');
    expect(await rendered({ 'project.nomad': jobOf([]), 'job.nomad': over, 'group.nomad': group })).toEqual(await parse(registrable()));
  });
});

describe('a block of the Enterprise edition', () => {
  test.concurrent.each([
    ['schedule', /^Nomad refuses the job pass-through: task schedules requires Nomad Enterprise$/],
    ['numa', /^Nomad refuses the job pass-through: numa scheduling requires Nomad Enterprise$/],
    ['multiregion', /^Nomad refuses the job pass-through: Multiregion jobs are unlicensed$/],
  ])('%s is refused by the servers, in their words and at its line', async (name, words) => {
    const text = jobOf([BLOCKS[name] ?? {}]);
    const { code, annotations, outputs } = await deploy({ files: { 'job.nomad': text }, inputs: { job: 'job.nomad' } });
    expect({ code, reason: outputs['failure-reason'] }).toEqual({ code: 1, reason: 'jobspec-invalid' });
    expect(outputs['cause']).toMatch(words);
    const line = text.split('\n').findIndex((one) => one.includes(`${name} {`)) + 1;
    expect(annotations[0]).toMatchObject({ file: 'job.nomad', line });
  });
  test.concurrent('in HCL’s JSON is read by the parser of the cluster, too', async () => {
    const result = await deploy({ files: { 'job.json': JSON_HCL }, inputs: { job: 'job.json' } });
    expect(result.outputs['cause']).toMatch(/task schedules requires Nomad Enterprise/);
    const without = JSON.stringify(JSON.parse(JSON_HCL, (key, value: unknown) => (key === 'schedule' ? undefined : value)));
    expect(await rendered({ 'job.json': without })).toEqual(await parse(without));
  });
});

describe('the registered job', () => {
  /** A registered job without what differs between two registrations. */
  const normal = (job: unknown): Json => {
    const { Namespace: _n, SubmitTime: _s, Version: _v, Status: _st, Stable: _sb, Meta, UI, ...rest } = job as Json;
    const meta = Object.entries((Meta ?? {}) as Texts).filter(([key]) => !key.startsWith('nomad_deploy_'));
    const { Links, ...ui } = (UI ?? {}) as { Links?: { Label: string }[] | null };
    return {
      ...Object.fromEntries(Object.entries(rest).filter(([key]) => !key.endsWith('Index'))),
      Meta: Object.fromEntries(meta),
      UI: { ...ui, Links: (Links ?? []).filter(({ Label }) => !/^(run|commit) /.test(Label)) },
    };
  };

  test('has each field as if the file had been registered by hand, and our own additions', async () => {
    await cluster.send('POST', '/v1/namespace/by-hand', { Name: 'by-hand' });
    const Job = { ...(await parse(registrable())), Namespace: 'by-hand' };
    expect((await cluster.send('POST', '/v1/jobs?namespace=by-hand', { Job })).status).toBe(200);
    const result = await deploy({ files: { 'job.nomad': registrable() }, inputs: { job: 'job.nomad', wait: 'false' } });
    expect(result).toMatchObject({ code: 0 });
    const [ours, theirs] = [await cluster.job(ID), await cluster.job(`${ID}?namespace=by-hand`)];
    expect(normal(ours)).toEqual(normal(theirs));
    // Registered again as the object that Nomad stores, it is unchanged.
    const object = { files: { 'job.json': JSON.stringify(await parse(registrable())) }, inputs: { job: 'job.json', wait: 'false' } };
    expect(await deploy(object)).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
  });
});

describe('a field of a job object that this action does not know', () => {
  const object = (more: Json): string =>
    JSON.stringify(
      {
        ID: 'unknown-fields',
        TaskGroups: [{ Name: 'g', Count: 0, Tasks: [{ Name: 't', Driver: 'raw_exec', Config: { command: 'true' } }], ...more }],
      },
      null,
      1,
    );
  test('is a warning with its line if the cluster would drop it', async () => {
    const text = object({ Counts: 3 });
    const { code, annotations } = await deploy({ files: { 'job.json': text }, inputs: { job: 'job.json', command: 'plan' } });
    expect(code).toBe(0);
    const line = text.split('\n').findIndex((one) => one.includes('Counts')) + 1;
    expect(annotations).toContainEqual(
      expect.objectContaining({
        message: expect.stringContaining('TaskGroups[0] has no field "Counts"; did you mean Count?'),
        line,
      }),
    );
  });
});

describe('a group of lifecycle tasks only', () => {
  const text = `job "lifecycle-only" {
  type = "batch"
  group "main" {
    count = 0
    task "t" {
      driver = "raw_exec"
      config {
        command = "true"
      }
    }
  }
  group "before" {
    count = 0
    task "t" {
      driver = "raw_exec"
      lifecycle {
        hook = "prestart"
      }
      config {
        command = "true"
      }
    }
  }
}
`;
  test('is what the servers say, once, at the line of the group', async () => {
    const Job = await parse(text);
    const { ValidationErrors } = (await (await cluster.send('POST', '/v1/validate/job', { Job })).json()) as { ValidationErrors?: unknown };
    const result = await deploy({ files: { 'job.nomad': text }, inputs: { job: 'job.nomad', command: 'plan' } });
    // Nomad refuses such a group from version 2.0.6 on.
    expect({ code: result.code, cause: result.outputs['cause'], location: place(result) }).toEqual(
      ValidationErrors
        ? {
            ...{ code: 1, location: ['job.nomad', 12] },
            cause: 'Nomad refuses the job lifecycle-only: Task group before must have at least one main task',
          }
        : { code: 0, cause: undefined, location: [undefined, undefined] },
    );
  });
});

describe('a variable with optional attributes', () => {
  const text = `variable "shop" {
  type = object({
    name = string
    size = optional(number, 3)
  })
}
job "optional-attributes" {
  meta = { shop = "\${var.shop.name} \${var.shop.size}" }
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "true"
      }
    }
  }
}
`;
  test.each(['{ name = "acme" }', '{"name": "acme"}'])(
    'takes %s, or is refused by a parser that does not know them, at its line',
    async (value) => {
      const result = await deploy({
        files: { 'job.nomad': text },
        inputs: { job: 'job.nomad', command: 'render' },
        env: { NOMAD_VAR_shop: value },
      });
      // Nomad knows optional attributes from version 2.1 on.
      const isKnown = (await parse(text.replace('}\njob', '  default = { name = "acme" }\n}\njob'))) !== undefined;
      const { code, outputs } = result;
      expect({ code, location: place(result) }).toEqual(
        isKnown ? { code: 0, location: [undefined, undefined] } : { code: 1, location: ['job.nomad', 4] },
      );
      const told = isKnown ? readFileSync(outputs['spec'] ?? '', 'utf8') : outputs['cause'];
      expect(told).toMatch(isKnown ? /"acme 3"/ : /^job\.nomad:4:\d+: Invalid type specification; Optional attribute modifier is only for/);
    },
  );
});
