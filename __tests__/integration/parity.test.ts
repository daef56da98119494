import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeWorkspace } from '../../scripts/parts/action.ts';
import { readContext } from '../../src/github/context.ts';
import { readInputs } from '../../src/inputs/read.ts';
import { findFiles } from '../../src/inputs/workspace.ts';
import { renderJobspec } from '../../src/jobspec/render.ts';
import { readSpecFile } from '../../src/jobspec/spec-file.ts';
import { connect, type Nomad } from '../../src/nomad/connect.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { NO_SECRETS } from '../../src/secrets/templates.ts';
import { resolveTarget } from '../../src/target/target.ts';
import { parts } from '../helpers/parts.ts';

/** None of the cases reads files. */
const refuse = async (): Promise<never> => Promise.reject(new Error('the CLI is not asked for'));
const NO_CLI = { exec: refuse, nomadCli: refuse, privateFolder: refuse };

/** What an environment gave with the system that users come from: verified examples. */
interface Case {
  readonly id: string;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly expect: { readonly [key: string]: unknown };
  readonly job: Shape;
}

interface Check {
  readonly name: string;
  readonly type: string;
  readonly path: string;
  readonly port: string;
  readonly interval: string;
  readonly timeout: string;
  readonly checkRestart: { readonly limit: number; readonly grace: string } | null;
}

/** A job in a neutral shape, its durations in seconds. */
interface Shape {
  readonly id: string;
  readonly datacenters: readonly string[];
  readonly update: Readonly<Record<'minHealthyTime' | 'healthyDeadline' | 'progressDeadline', string>> & {
    readonly maxParallel: number;
    readonly canary: number;
    readonly autoPromote: boolean;
    readonly autoRevert: boolean;
  };
  readonly migrate: Readonly<Record<'healthCheck' | 'minHealthyTime' | 'healthyDeadline', string>> & { readonly maxParallel: number };
  readonly reschedule: Readonly<Record<'interval' | 'delay' | 'delayFunction' | 'maxDelay', string>> & {
    readonly attempts: number;
    readonly unlimited: boolean;
  };
  readonly spread: readonly string[];
  readonly groups: readonly {
    readonly name: string;
    readonly count: number;
    readonly restart: Readonly<Record<'delay' | 'interval' | 'mode', string>> & { readonly attempts: number };
    readonly ports: readonly { readonly label: string; readonly to: number }[];
    readonly services: readonly {
      readonly name: string;
      readonly task: string;
      readonly port: string;
      readonly tags: readonly string[];
      readonly canaryTags: readonly string[] | null;
      readonly checks: readonly Check[];
      readonly serviceCheckRestart: Check['checkRestart'];
    }[];
    readonly tasks: readonly {
      readonly name: string;
      readonly driver: string;
      readonly config: Readonly<Record<string, unknown>>;
      readonly resources: { readonly cpu: number; readonly memory: number; readonly memoryMax: number } | null;
      readonly templates: readonly { readonly dest: string; readonly env: boolean; readonly changeMode: string; readonly data: string }[];
    }[];
  }[];
}

const cases: readonly Case[] = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/parity-cases.json'), 'utf8'));

const ns = (seconds: string): number => Number(seconds.replace(/s$/, '')) * 1e9;
const inAnyOrder = (list: readonly unknown[]): unknown => expect.arrayContaining([...list]);
const checkRestart = (given: Check['checkRestart']): object | null => given && { Limit: given.limit, Grace: ns(given.grace) };

/** The same job as Nomad's parser gives it. What is better on purpose is left out: no random meta, no forced pull, the digest, the commit. */
function asParsed({ id, datacenters, update, migrate, reschedule, spread, groups }: Shape): object {
  return {
    ID: id,
    Datacenters: datacenters,
    Meta: null,
    Constraints: null,
    Update: {
      MaxParallel: update.maxParallel,
      Canary: update.canary,
      AutoPromote: update.autoPromote,
      AutoRevert: update.autoRevert,
      MinHealthyTime: ns(update.minHealthyTime),
      HealthyDeadline: ns(update.healthyDeadline),
      ProgressDeadline: ns(update.progressDeadline),
    },
    Migrate: {
      MaxParallel: migrate.maxParallel,
      HealthCheck: migrate.healthCheck,
      MinHealthyTime: ns(migrate.minHealthyTime),
      HealthyDeadline: ns(migrate.healthyDeadline),
    },
    Reschedule: {
      Attempts: reschedule.attempts,
      Interval: ns(reschedule.interval),
      Delay: ns(reschedule.delay),
      DelayFunction: reschedule.delayFunction,
      MaxDelay: ns(reschedule.maxDelay),
      Unlimited: reschedule.unlimited,
    },
    Spreads: spread.map((Attribute) => ({ Attribute })),
    TaskGroups: groups.map((group) => ({
      Name: group.name,
      Count: group.count,
      RestartPolicy: {
        Attempts: group.restart.attempts,
        Delay: ns(group.restart.delay),
        Interval: ns(group.restart.interval),
        Mode: group.restart.mode,
      },
      Networks: [{ DynamicPorts: inAnyOrder(group.ports.map(({ label, to }) => expect.objectContaining({ Label: label, To: to }))) }],
      Services: group.services.map((service) => ({
        Name: service.name,
        TaskName: service.task,
        PortLabel: service.port,
        Tags: service.tags,
        CanaryTags: service.canaryTags,
        Provider: 'consul',
        CheckRestart: checkRestart(service.serviceCheckRestart),
        Checks: service.checks.map((check) => ({
          Name: check.name,
          Type: check.type,
          Path: check.path,
          PortLabel: check.port,
          Interval: ns(check.interval),
          Timeout: ns(check.timeout),
          CheckRestart: checkRestart(check.checkRestart),
        })),
      })),
      Tasks: group.tasks.map((task) => ({
        Name: task.name,
        Driver: task.driver,
        Config: config(task.config),
        Resources: task.resources && { CPU: task.resources.cpu, MemoryMB: task.resources.memory, MemoryMaxMB: task.resources.memoryMax },
        Templates: templates(task.templates),
      })),
    })),
  };
}

type Template = Shape['groups'][number]['tasks'][number]['templates'][number];

function templates(list: readonly Template[]): object[] | null {
  const parsed = list.map(({ dest, env, changeMode, data }) => ({
    DestPath: dest,
    Envvars: env,
    ChangeMode: changeMode,
    EmbeddedTmpl: expect.stringContaining(data.replace(/CI_COMMIT_SHA=.*\n$/, 'CI_COMMIT_SHA=')),
  }));
  return parsed.length === 0 ? null : parsed;
}

function config({ image: _image, force_pull: _pull, auth: _auth, ports, ...rest }: Readonly<Record<string, unknown>>): object {
  return { ...rest, ...(Array.isArray(ports) ? { ports: inAnyOrder(ports) } : {}) };
}

let nomad: Nomad;
const silent = { info: () => undefined, debug: () => undefined, notice: () => undefined, warning: () => undefined, error: () => undefined };
beforeAll(async () => {
  const log = { ...silent, group: async <T>(_title: string, work: () => Promise<T>) => work() };
  const { address } = parts().nomad;
  nomad = await connect(
    { address, token: undefined, region: undefined },
    { log, clock: systemClock, signal: AbortSignal.timeout(120_000) },
  );
});
afterAll(async () => nomad.close());

describe('an environment of internetarchive/nomad gives the same', () => {
  test.each(cases.map((one) => [one.id, one] as const))('%s', async (_id, { env, files, expect: wanted, job }) => {
    const inputs = await readInputs(env);
    const context = readContext(env, {});
    const target = resolveTarget(inputs, context);
    expect(target.environment.value).toBe(wanted['environment']);
    expect(inputs.nomadToken[target.environment.value]?.source).toBe(wanted['tokenVar']);
    expect(inputs.noDeploy).toBe(wanted['nomadAddr'] === null);
    if (inputs.noDeploy) return;

    const workspace = makeWorkspace(files);
    const found = await findFiles(inputs, workspace);
    const [path = { path: undefined, fragments: {} }] = found.specs;
    const spec = await readSpecFile(path, workspace);
    const rendering = {
      spec,
      fromFiles: {},
      target,
      context,
      image: 'image',
      images: {},
      ...NO_SECRETS,
      oversubscription: true,
      policy: undefined,
    };
    const rendered = await renderJobspec(inputs, rendering, nomad, { ...NO_CLI, workspace });
    expect({
      nomadAddr: target.nomadAddr?.value,
      url: target.url,
      slug: target.jobId,
      hostnames: target.hostnames,
      namespace: rendered.namespace,
    }).toEqual({
      nomadAddr: wanted['nomadAddr'],
      url: wanted['url'],
      slug: wanted['slug'],
      hostnames: wanted['hostnames'],
      namespace: wanted['namespace'],
    });
    expect(rendered.job).toMatchObject(asParsed(job));
    expect(rendered.warnings).toEqual([]);
  });
});
