// `npm run record:histories`: rolls small jobs out on a real Nomad, and writes the states that its event stream tells into
// __tests__/fixtures/nomad/histories.json. The model of the simulation has to reach each of them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Allocation, Deployment } from '../src/nomad/types.ts';
import { rawExecClient, startAgent } from './parts/agent.ts';
import { output, say } from './parts/exec.ts';
import { ready } from './parts/ready.ts';
import { startRun } from './parts/state.ts';
import { tool } from './parts/tools.ts';
import {
  type Ask,
  allocation,
  asking,
  deployment,
  hasEnded,
  isRunning,
  type Json,
  job,
  register,
  STAY,
  shell,
  update,
} from './recording/cluster.ts';
import { type Telling, type Told, telling } from './sim/told.ts';

const FILE = join(import.meta.dirname, '../__tests__/fixtures/nomad/histories.json');

/** The time in which the last updates of an ended rollout arrive. */
const SETTLE_MS = 6_000;

const ROLE = `
server {
  enabled          = true
  bootstrap_expect = 1
}
${rawExecClient()}`;

const OTHER = shell('exec sleep 1001');
const FAILS = shell('exit 1');
const UPDATE = { MinHealthyTime: 1e9, HealthyDeadline: 10e9, ProgressDeadline: 20e9 };

/** Returns the rollouts by name, each of a job with that name. */
function rollouts(ask: Ask): Record<string, (id: string) => Promise<unknown>> {
  const version = async (sent: Json): Promise<Deployment> => {
    const { JobModifyIndex } = (await register(ask, sent)).json as { JobModifyIndex: number };
    return (await deployment(
      ask,
      String(sent['ID']),
      (one) => hasEnded(one) && (one as unknown as Deployment).JobSpecModifyIndex === JobModifyIndex,
    )) as unknown as Deployment;
  };
  const given = (more: Json = {}): { more: Json } => ({ more: { Update: update({ ...UPDATE, ...more }) } });
  // A system job has one allocation on the only node.
  const system = (id: string, task: Json): Json =>
    job(id, [task], { job: { Type: 'system' }, more: { ...given().more, ReschedulePolicy: null } });
  return {
    'first-version': async (id) => version(job(id, [STAY], given())),
    update: async (id) => {
      await version(job(id, [STAY], given()));
      await version(job(id, [OTHER], given()));
    },
    failure: async (id) => version(job(id, [FAILS], given())),
    'rolled-back': async (id) => {
      await version(job(id, [STAY], given({ AutoRevert: true })));
      await version(job(id, [FAILS], given({ AutoRevert: true })));
      await deployment(ask, id, (one) => one.JobVersion === 2 && hasEnded(one));
    },
    'canary-rolled-back': async (id) => {
      await version(job(id, [STAY], given({ AutoRevert: true, Canary: 1 })));
      await version(job(id, [FAILS], given({ AutoRevert: true, Canary: 1 })));
      await deployment(ask, id, (one) => one.JobVersion === 2 && hasEnded(one));
    },
    'canary-failed': async (id) => {
      await version(job(id, [STAY], given({ Canary: 1 })));
      await version(job(id, [FAILS], given({ Canary: 1 })));
    },
    'canary-promoted': async (id) => {
      await version(job(id, [STAY], given({ Canary: 1, AutoPromote: true })));
      await version(job(id, [OTHER], given({ Canary: 1, AutoPromote: true })));
    },
    stopped: async (id) => {
      await register(ask, job(id, [STAY], given({ MinHealthyTime: 5e9 })));
      await allocation(ask, id, isRunning);
      await ask('DELETE', `/v1/job/${id}`);
      await deployment(ask, id, hasEnded);
    },
    'at-once': async (id) => {
      await register(ask, job(id, [STAY], given({ MaxParallel: 0 })));
      await allocation(ask, id, isRunning);
      await register(ask, job(id, [OTHER], given({ MaxParallel: 0 })));
      await allocation(ask, id, (one) => isRunning(one) && one.JobVersion === 1);
    },
    system: async (id) => version(system(id, STAY)),
    'system-failure': async (id) => version(system(id, FAILS)),
    'system-update': async (id) => {
      await version(system(id, STAY));
      await version(system(id, OTHER));
    },
    batch: async (id) => register(ask, job(id, [shell('sleep 1')], { job: { Type: 'batch' }, more: { Update: null } })),
  };
}

/** Reads the event stream, and tells each deployment and allocation to the job that it belongs to. */
async function listen(address: string, by: (id: string) => Telling): Promise<void> {
  const topics = ['Deployment', 'Allocation'].map((topic) => `topic=${topic}`).join('&');
  const { body } = await fetch(`${address}/v1/event/stream?${topics}`);
  let text = '';
  for await (const bytes of body ?? []) {
    const lines = `${text}${Buffer.from(bytes).toString('utf8')}`.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines.filter((one) => one.trim().length > 2)) {
      const { Events = [] } = JSON.parse(line) as {
        Events?: { Payload: { Deployment?: Deployment; Allocation?: Allocation & { JobID: string } } }[];
      };
      for (const { Payload } of Events ?? []) {
        if (Payload.Deployment) by((Payload.Deployment as Deployment & { JobID: string }).JobID).deployment(Payload.Deployment);
        if (Payload.Allocation) by(Payload.Allocation.JobID).allocation(Payload.Allocation);
      }
    }
  }
}

const run = await startRun();
try {
  const nomad = await tool('nomad');
  const { service, name, address } = await startAgent(run, nomad, 'histories', ROLE);
  const ask = asking(address);
  await ready(
    service,
    name,
    60,
    async () => ((await ask('GET', '/v1/nodes')).json as { Status: string }[]).some(({ Status }) => Status === 'ready') || undefined,
  );
  const seen = new Map<string, Telling>();
  const by = (id: string): Telling => {
    const known = seen.get(id) ?? telling();
    seen.set(id, known);
    return known;
  };
  void listen(address, by).catch(() => undefined);
  const histories: Record<string, Told> = {};
  for (const [id, rollOut] of Object.entries(rollouts(ask))) {
    await rollOut(id);
    await sleep(SETTLE_MS);
    histories[id] = by(id).told();
    await ask('DELETE', `/v1/job/${id}`);
    say(`${id}: ${Object.values(histories[id].deployments).flat().length} states of deployments`);
  }
  const version = /v(\d+\.\d+\.\d+)/.exec(await output(nomad, ['version']))?.[1] ?? 'unknown';
  writeFileSync(FILE, `${JSON.stringify({ version, histories }, null, 2)}\n`);
} finally {
  await run.stop();
}
