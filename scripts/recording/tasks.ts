// The events of tasks that fail, in each way that a node with raw_exec and Docker knows.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WAITS } from './answers.ts';
import {
  type Allocation,
  type Ask,
  allocation,
  container,
  type Event,
  isRunning,
  type Json,
  job,
  register,
  STAY,
  shell,
  until,
  update,
} from './cluster.ts';

/** Events that every task has, or that come by chance before the end of the others. */
const USUAL = new Set(['Received', 'Task Setup', 'Driver', 'Started', 'Building Task Directory', 'Downloading image']);
const BY_CHANCE = new Set(['Alloc Unhealthy', 'Killing', 'Killed']);

/** Details that differ between two runs. */
const UNSTEADY = new Set(['start_delay']);

interface CheckResult {
  readonly Check: string;
  readonly Status: string;
  readonly Output: string;
}

const failed = ({ ClientStatus }: Allocation): boolean => ClientStatus === 'failed';
const has =
  (type: string) =>
  (one: Allocation): boolean =>
    eventsOf(one).some(({ Type }) => Type === type);
const eventsOf = ({ TaskStates }: Allocation): readonly Event[] => Object.values(TaskStates ?? {}).flatMap(({ Events }) => Events ?? []);

/** Returns the events beyond the usual ones of an allocation's tasks, with the details that are not empty; `=` stands for the message of the event. */
const told = (one: Allocation, withChance = false) => ({
  events: Object.entries(one.TaskStates ?? {})
    .sort()
    .flatMap(([task, { Events }]) =>
      (Events ?? [])
        .filter(({ Type, Details }) => !USUAL.has(Type) && (withChance || !BY_CHANCE.has(Type) || Details?.['fails_task'] === 'true'))
        .map(({ Type, DisplayMessage, Details }) => ({
          ...(task === 't' ? {} : { task }),
          ...{ Type, DisplayMessage },
          Details: Object.fromEntries(
            Object.entries(Details ?? {})
              .filter(([name, value]) => value !== '' && !UNSTEADY.has(name))
              .map(([name, value]): [string, string] => [name, value === DisplayMessage ? '=' : value])
              .sort(),
          ),
        })),
    ),
});

/** Returns the situations by name, each with a job of its own, and an end of the server that they need. `registry` wants a login. */
export async function tasks(
  ask: Ask,
  registry: string,
): Promise<{ readonly situations: Record<string, () => Promise<unknown>>; readonly close: () => void }> {
  const outside = createServer((request, response) => response.writeHead(request.url === '/file' ? 200 : 404).end('hello'));
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  const { port } = outside.address() as AddressInfo;
  let count = 0;
  const fails = async (own: readonly Json[], more: Json = {}, wanted = failed): Promise<unknown> => {
    const id = `task-${count++}`;
    const { status, text } = await register(ask, job(id, own, { more: { Update: null, ...more } }));
    if (status !== 200) return { status, text };
    return told(await allocation(ask, id, wanted));
  };
  const artifact = (GetterSource: string, more: Json = {}) => [
    shell('true', { Artifacts: [{ GetterSource, RelativeDest: 'local/', ...more }] }),
  ];
  const template = (EmbeddedTmpl: string, more: Json = {}) => [
    shell('exec sleep 1000', { Templates: [{ EmbeddedTmpl, DestPath: 'local/a', ChangeMode: 'noop', ...more }] }),
  ];
  const situations = {
    'task: exits with 1': async () => fails([shell('exit 1')]),
    'task: exits with 0': async () => fails([shell('true')]),
    'task: restarts': async () => fails([shell('exit 1')], { RestartPolicy: { Attempts: 1, Mode: 'fail', Delay: 1e8, Interval: 60e9 } }),
    'task: signal': async () => fails([shell('kill -9 $$')]),
    'task: out of memory': async () => fails([container({ command: 'tail', args: ['/dev/zero'] })]),
    'task: command not found': async () => fails([{ ...STAY, Config: { command: '/no/such' } }]),
    'task: command not executable': async () => fails([{ ...STAY, Config: { command: '/etc/hostname' } }]),
    'task: unknown user': async () => fails([{ ...STAY, User: 'nobody-knows' }]),
    'task: refused config': async () => fails([{ ...STAY, Config: { command: '/bin/sh', no: 1 } }]),
    'task: unknown interpolation': async () => fails([{ ...STAY, Config: { command: '/bin/sh', args: ['${nothing.x}'] } }]),
    'task: sibling': async () => fails([shell('sleep 1; exit 1'), { ...STAY, Name: 'u' }]),
    'task: leader': async () => fails([shell('sleep 1; exit 1', { Leader: true }), { ...STAY, Name: 'u' }]),
    'container: no such image': async () => fails([container({ image: `${registry}/no/such:1` })]),
    'container: no such registry': async () => fails([container({ image: 'no-such-host.invalid/x:1' })]),
    'container: nobody listens': async () => fails([container({ image: '127.0.0.1:9/x:1' })]),
    'container: invalid name': async () => fails([container({ image: 'Upper/Case:1' })]),
    'container: command not found': async () => fails([container({ command: '/no/such' })]),
    'container: command not executable': async () => fails([container({ command: '/etc/passwd' })]),
    'container: unknown user': async () => fails([container({ command: 'true' }, { User: 'nobody-knows' })]),
    'container: port label': async () => fails([container({ ports: ['web'] })]),
    'container: port in use': async () =>
      fails([container({ command: 'sleep', args: ['9'], ports: ['web'] })], {
        Networks: [{ ReservedPorts: [{ Label: 'web', Value: port }] }],
      }),
    'container: capability': async () => fails([container({ cap_add: ['sys_admin'] })]),
    'container: privileged': async () => fails([container({ privileged: true })]),
    'container: runtime': async () => fails([container({ runtime: 'other' })]),
    'container: pid_mode': async () => fails([container({ pid_mode: 'host', command: 'true' })]),
    'container: network': async () => fails([container({ network_mode: 'nowhere', command: 'true' })]),
    'container: mount': async () => fails([container({ command: 'true', mount: [{ type: 'bind', source: '/no/such', target: '/a' }] })]),
    'container: little memory': async () =>
      fails([
        container({ command: 'true' }, { Resources: { CPU: 20, MemoryMB: 10 }, Config: { image: 'busybox:1.37', memory_hard_limit: 2 } }),
      ]),
    'artifact: 404': async () => fails(artifact(`http://127.0.0.1:${port}/none`)),
    'artifact: checksum': async () =>
      fails(artifact(`http://127.0.0.1:${port}/file`, { GetterOptions: { checksum: `sha256:${'0'.repeat(64)}` } })),
    'artifact: nobody listens': async () => fails(artifact('http://127.0.0.1:9/x')),
    'template: a missing variable': async () => fails([shell('exec sleep 1000', { Templates: [WAITS] })], {}, has('Template')),
    'template: syntax': async () => fails(template('{{ if }}')),
    'template: a missing key': async () => fails(template('{{ index . "a" | toUpper }}{{ fail "no" }}')),
    'template: a forbidden function': async () => fails(template('{{ plugin "x" }}')),
    'template: a missing source': async () =>
      fails([shell('true', { Templates: [{ SourcePath: 'local/none', DestPath: 'local/a', ChangeMode: 'noop' }] })]),
    'template: environment': async () => fails(template('no equals sign', { Envvars: true })),
    'service: unknown port': async () => fails([STAY], { Services: [{ Name: 'web', Provider: 'nomad', PortLabel: 'web' }] }),
    'check: restarts': async () => fails([STAY], { ...checked({ CheckRestart: { Limit: 1, Grace: 1e8 } }) }, has('Not Restarting')),
    'check: without a name': async () => {
      await register(ask, job('unnamed', [STAY], { more: { ...checked({ Name: '' }), Update: null } }));
      const { ID } = await allocation(ask, 'unnamed', isRunning);
      const found = await until('a result of a check', async () => {
        const results = Object.values(((await ask('GET', `/v1/client/allocation/${ID}/checks`)).json ?? {}) as Record<string, CheckResult>);
        return results.find(({ Status }) => Status === 'failure');
      });
      return { check: { Check: found.Check, Status: found.Status, Output: found.Output } };
    },
    'check: unhealthy': async () => {
      const judged = update({ HealthCheck: 'checks', ProgressDeadline: 0 });
      await register(ask, job('unhealthy-check', [STAY], { more: { ...checked({}), Update: judged } }));
      const found = told(await allocation(ask, 'unhealthy-check', has('Alloc Unhealthy')), true);
      return { events: found.events.filter(({ Type }) => Type === 'Alloc Unhealthy') };
    },
    'task: restarted by a person': async () => {
      await register(ask, job('by-hand', [STAY]));
      const { ID } = await allocation(ask, 'by-hand', isRunning);
      await ask('PUT', `/v1/client/allocation/${ID}/restart`, {});
      return told(await allocation(ask, 'by-hand', (one) => has('Terminated')(one)));
    },
    'task: stopped by a person': async () => {
      await register(ask, job('killed', [STAY]));
      await allocation(ask, 'killed', isRunning);
      await ask('DELETE', '/v1/job/killed');
      return told(await allocation(ask, 'killed', has('Killed')), true);
    },
  };
  return {
    situations,
    close: () => {
      outside.close();
      outside.closeAllConnections();
    },
  };
}

/** Returns a group with a service of Nomad whose check always fails: nothing listens at its port. */
function checked(more: Json): Json {
  const check = { Name: 'alive', Type: 'tcp', Interval: 1e9, Timeout: 1e9, ...more };
  return {
    Networks: [{ DynamicPorts: [{ Label: 'http' }] }],
    Services: [{ Name: 'web', Provider: 'nomad', PortLabel: 'http', Checks: [check] }],
  };
}
