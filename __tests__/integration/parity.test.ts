import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeWorkspace } from '../../scripts/parts/action.ts';
import { readContext } from '../../src/context.ts';
import { readInputs } from '../../src/inputs.ts';
import { readSpecFile, renderJobspec } from '../../src/jobspec.ts';
import { connect, type Nomad } from '../../src/nomad/index.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { resolveTarget } from '../../src/target.ts';
import { findFiles } from '../../src/workspace.ts';
import { parts } from '../helpers/parts.ts';

/** What an environment gave with the system that users come from: verified examples. */
interface Case {
  readonly id: string;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly expect: { readonly [key: string]: unknown };
  readonly job: Shape;
}

interface Shape {
  readonly [key: string]: unknown;
  readonly groups: readonly {
    readonly [key: string]: unknown;
    readonly tasks: readonly Record<string, unknown>[];
    readonly ports: readonly object[];
  }[];
}

// The parsed job is Nomad's, field by field: the neutral shape is read out of it without a type.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Parsed = any;

const cases: readonly Case[] = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/parity-cases.json'), 'utf8'));
const seconds = (ns: number): string => `${ns / 1e9}s`;
const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

/** The part of the shape that both sides have; what is better on purpose (no random meta, no forced pull, the image's digest, the commit) is left out. */
function shapeOf(job: Parsed): object {
  return {
    id: job.ID,
    datacenters: job.Datacenters,
    update: job.Update && {
      maxParallel: job.Update.MaxParallel,
      canary: job.Update.Canary,
      autoPromote: job.Update.AutoPromote,
      autoRevert: job.Update.AutoRevert,
      minHealthyTime: seconds(job.Update.MinHealthyTime),
      healthyDeadline: seconds(job.Update.HealthyDeadline),
      progressDeadline: seconds(job.Update.ProgressDeadline),
    },
    migrate: job.Migrate && {
      maxParallel: job.Migrate.MaxParallel,
      healthCheck: job.Migrate.HealthCheck,
      minHealthyTime: seconds(job.Migrate.MinHealthyTime),
      healthyDeadline: seconds(job.Migrate.HealthyDeadline),
    },
    reschedule: {
      attempts: job.Reschedule.Attempts,
      interval: seconds(job.Reschedule.Interval),
      delay: seconds(job.Reschedule.Delay),
      delayFunction: job.Reschedule.DelayFunction,
      maxDelay: seconds(job.Reschedule.MaxDelay),
      unlimited: job.Reschedule.Unlimited,
    },
    spread: job.Spreads.map(({ Attribute }: Parsed) => Attribute),
    constraints: job.Constraints ?? [],
    groups: job.TaskGroups.map((group: Parsed) => ({
      name: group.Name,
      count: group.Count,
      restart: {
        attempts: group.RestartPolicy.Attempts,
        delay: seconds(group.RestartPolicy.Delay),
        interval: seconds(group.RestartPolicy.Interval),
        mode: group.RestartPolicy.Mode,
      },
      ports: group.Networks[0].DynamicPorts.map(({ Label, To }: Parsed) => ({ label: Label, to: To })).sort(byText),
      services: group.Services.map((service: Parsed) => ({
        name: service.Name,
        task: service.TaskName,
        port: service.PortLabel,
        tags: service.Tags ?? [],
        canaryTags: service.CanaryTags,
        provider: `${service.Provider}(default)`,
        checks: service.Checks.map((check: Parsed) => ({
          name: check.Name,
          type: check.Type,
          path: check.Path,
          port: check.PortLabel,
          interval: seconds(check.Interval),
          timeout: seconds(check.Timeout),
          checkRestart: check.CheckRestart && { limit: check.CheckRestart.Limit, grace: seconds(check.CheckRestart.Grace) },
        })),
        serviceCheckRestart: service.CheckRestart && { limit: service.CheckRestart.Limit, grace: seconds(service.CheckRestart.Grace) },
      })),
      tasks: group.Tasks.map((task: Parsed) => ({
        name: task.Name,
        driver: task.Driver,
        config: comparable(task.Config),
        resources: task.Resources && { cpu: task.Resources.CPU, memory: task.Resources.MemoryMB, memoryMax: task.Resources.MemoryMaxMB },
        templates: (task.Templates ?? []).map((template: Parsed) => ({
          dest: template.DestPath,
          env: template.Envvars,
          changeMode: template.ChangeMode,
          data: withoutCommit(template.EmbeddedTmpl),
        })),
      })),
    })),
  };
}

function comparable({ image: _image, force_pull: _pull, auth: _auth, ports, ...config }: Parsed): object {
  return { ...config, ...(ports && { ports: [...ports].sort() }) };
}

function withoutCommit(text: string): string {
  return text.replace(/^CI_COMMIT_SHA=.*$/m, '');
}

function expectedShape({ groups, ...job }: Shape): object {
  const { name: _name, namespace: _namespace, type: _type, metaKeys: _meta, periodic: _periodic, ...rest } = job;
  return {
    ...rest,
    groups: groups.map((group) => ({
      ...group,
      ports: [...group.ports].sort(byText),
      tasks: group.tasks.map(({ lifecycle: _lifecycle, config, templates, ...task }) => ({
        ...task,
        config: comparable(config),
        templates: (templates as Parsed[]).map(({ perms: _perms, ...template }) => ({ ...template, data: withoutCommit(template.data) })),
      })),
    })),
  };
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
    const found = await findFiles({ workingDirectory: '.', context: '.', file: undefined, job: undefined }, workspace);
    const spec = await readSpecFile(found.spec, found.fragments, workspace);
    const rendered = await renderJobspec(inputs, { spec, target, context, image: 'image', secretsTemplate: '' }, nomad);
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
    expect(shapeOf(rendered.job)).toEqual(expectedShape(job));
    expect(rendered.warnings).toEqual([]);
  });
});
