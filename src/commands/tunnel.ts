import { ActionError, connectionCode, messageOf, sentence, toActionError } from '../errors.ts';
import { requireTerminal } from '../inputs/index.ts';
import {
  type Connector,
  type Dial,
  type Forward,
  findConnector,
  forwardOf,
  type Helper,
  type InsideTask,
  insideOf,
  portOf,
  REPORT_MS,
  relay,
  startHelper,
  taskOfPort,
  taskText,
  watchLate,
} from '../inside/index.ts';
import type { PlacedAllocation, RegisteredJob } from '../nomad/types.ts';
import { pickTask } from '../register/index.ts';
import type { Result, Run } from '../report/index.ts';
import type { Connection, Runtime, Terminal } from '../runtime/runtime.ts';
import type { Following } from '../watch/index.ts';

/** The task itself. A program that listens on the loopback address only is reached here alone. */
const LOOPBACK = '127.0.0.1';

/** A program of this machine that ends its side leaves a shell in the task for this time. Nomad takes at most 100 sessions at once by default. */
const LINGER_S = 2;

/** A way to a port: the task whose program connects, and where to. */
interface Way {
  readonly inside: InsideTask;
  readonly connector: Connector;
  readonly dial: Dial;
}

/** A tunnel, and its ways so far. */
interface Tunnel {
  readonly following: Following;
  readonly runtime: Runtime;
  readonly terminal: Terminal;
  readonly forward: Forward;
  readonly signal: AbortSignal;
  /** The programs that connect, by version and task: a version has one image. */
  readonly connectors: Map<string, Promise<Connector | undefined>>;
  /** The ends of the tasks that connections go to, by their allocations: all connections of one share a question. */
  readonly ends: Map<string, Promise<never>>;
  /** The helpers, by the ids of their nodes, and all that were begun. */
  readonly helpers: Map<string, Promise<Helper>>;
  readonly begun: Promise<Helper>[];
}

/** `tunnel`: opens a local port to a port of a job. Each connection goes to a healthy allocation, found when it begins. Ends at Ctrl-C. */
export async function tunnel(job: RegisteredJob, following: Following, { runtime }: Run): Promise<Result> {
  const terminal = requireTerminal('tunnel', runtime);
  const forward = forwardOf(following.inputs.forward);
  const over = new AbortController();
  const signal = AbortSignal.any([runtime.signal, over.signal]);
  const open: Tunnel = {
    following,
    runtime,
    terminal,
    forward,
    signal,
    connectors: new Map(),
    ends: new Map(),
    helpers: new Map(),
    begun: [],
  };
  try {
    // The first way is found before the port is open, so that what cannot work is told at once.
    let last = await wayNow(job, open);
    const connections = await terminal.listen({ port: forward.local, signal }).catch((error: unknown) => {
      throw portError(error, forward.local);
    });
    terminal.say(`${LOOPBACK}:${forward.local} leads to port ${forward.port} of ${wayText(last)}. Ctrl-C ends it.`);
    for await (const connection of connections) {
      const serve = async (): Promise<void> => {
        const way = await wayNow(job, open);
        if (way.inside.allocation.ID !== last.inside.allocation.ID) terminal.say(`Connections go to ${wayText(way)} now.`);
        last = way;
        await connect(connection, way, open);
      };
      serve().catch((error: unknown) => {
        connection.destroy();
        if (!signal.aborted) terminal.say(`A connection failed: ${sentence(error instanceof ActionError ? error : toActionError(error))}`);
      });
    }
    return { outcome: 'reported' };
  } finally {
    over.abort(new Error('the tunnel has ended'));
    await removeHelpers(open);
  }
}

function portError(error: unknown, port: number): ActionError {
  const code = connectionCode(error);
  const why =
    code === 'EADDRINUSE' ? 'another program listens there' : code === 'EACCES' ? 'this user may not listen there' : messageOf(error);
  return new ActionError('input-invalid', `\`forward\`: the local port ${port} cannot be opened, because ${why}`, {
    hint: 'Name another local port.',
  });
}

function wayText({ inside, connector, dial }: Way): string {
  return `${taskText(inside)}, by ${connector.name} to ${dial.hosts.join(' or ')} port ${dial.port}`;
}

/** Passes on one connection. It ends with the task or its node, even where that leaves the session open. */
async function connect(connection: Connection, { inside, connector, dial }: Way, open: Tunnel): Promise<void> {
  const { signal, terminal, runtime } = open;
  const session = await inside.start(connector.command(dial), { lingerS: LINGER_S, signal });
  const ended = endOf(inside, open);
  const relaying = relay(connection, session).catch(async (error: unknown) => {
    // The reason of Nomad says more than the end of a session.
    await Promise.race([ended, runtime.clock.sleep(REPORT_MS.error, signal)]);
    throw error;
  });
  const { code, words } = await Promise.race([relaying, ended]).finally(session.close);
  if (code === 0) return;
  const told = words === '' ? `${connector.name} exited with code ${code}` : words.split('\n').at(-1);
  terminal.say(`A connection failed: nothing answers at ${dial.hosts.join(' or ')} port ${dial.port} in ${taskText(inside)}: ${told}`);
}

/** Rejects with the reason when the task of an allocation ends. */
async function endOf(inside: InsideTask, { ends, runtime, signal }: Tunnel): Promise<never> {
  const key = `${inside.allocation.ID}/${inside.task}`;
  const ending = ends.get(key) ?? watchLate(inside, runtime, signal).finally(() => ends.delete(key));
  ends.set(key, ending);
  return ending;
}

/** Finds the way for a connection that begins now. */
async function wayNow(job: RegisteredJob, open: Tunnel): Promise<Way> {
  const { following, runtime, forward, signal, connectors } = open;
  const { inputs, nomad, draft } = following;
  const { namespace } = draft;
  const all = await nomad.allocations.placed(job.ID, namespace, signal);
  const task = inputs.task ?? taskOfPort(job, inputs.group, forward.port);
  const picked = pickTask(job, all, { ...inputs, task });
  const allocation: PlacedAllocation = all.find(({ ID }) => ID === picked.allocation.ID) ?? picked.allocation;
  const port = portOf(allocation, forward.port);
  const inside = insideOf(job, { allocation, task: picked.task }, { nomad, namespace }, runtime);
  const key = `${allocation.JobVersion}/${allocation.TaskGroup}/${picked.task}`;
  const asked = connectors.get(key) ?? findConnector(inside, signal);
  connectors.set(key, asked);
  const connector = await asked.catch((error: unknown) => {
    connectors.delete(key);
    throw error;
  });
  if (connector !== undefined) {
    const hosts = [...new Set([LOOPBACK, ...(port.host?.port === port.inside ? [port.host.address] : [])])];
    return { inside, connector, dial: { hosts, port: port.inside } };
  }
  if (port.host === undefined) {
    throw new ActionError(
      'input-invalid',
      `the image of the task ${picked.task} has no program to connect by, and port ${forward.port} has no port of the node`,
      {
        hint: 'Give the group a `network` block with a label for this port.',
      },
    );
  }
  return byHelper(job, { inside, dial: { hosts: [port.host.address], port: port.host.port } }, open);
}

/** Returns the way over a helper on the node of an allocation, which is started for the first connection. */
async function byHelper(job: RegisteredJob, { inside, dial }: Omit<Way, 'connector'>, open: Tunnel): Promise<Way> {
  const { helpers, begun, connectors, signal } = open;
  const node = inside.allocation.NodeID ?? '';
  const known = helpers.get(node);
  const helper = known ?? beginHelper(job, inside, open);
  if (known === undefined) begun.push(helper);
  helpers.set(node, helper);
  const forget = (error: unknown): never => {
    helpers.delete(node);
    throw error;
  };
  const { id, inside: starting } = await helper.catch(forget);
  const inHelper = await starting.catch(forget);
  const asked = connectors.get(id) ?? findConnector(inHelper, signal);
  connectors.set(id, asked);
  const connector = await asked;
  if (connector !== undefined) return { inside: inHelper, connector, dial };
  throw new ActionError('input-invalid', `the image of the helper ${id} has no program to connect by`, {
    hint: 'Set `helper-image` to an image with `nc` or `socat`.',
  });
}

async function beginHelper(job: RegisteredJob, { allocation, nomad, namespace, driver, task }: InsideTask, open: Tunnel): Promise<Helper> {
  const { terminal, runtime, following } = open;
  const image = following.inputs.helperImage;
  terminal.say(
    `The image of the task ${task} has no program to connect by: a job on the node ${allocation.NodeName} helps, with the image ${image}.`,
  );
  const answer = await terminal.confirm('Register it? It is removed at the end.', runtime.signal);
  if (answer === false) throw new ActionError('cancelled', 'the helper was not confirmed, so there is no tunnel');
  if (answer === undefined && following.rendering.target.environment.value === 'production') {
    throw new ActionError('input-invalid', 'a helper is a job in production, and there is no terminal to ask at', { hint: 'Add --yes.' });
  }
  const wish = { nomad, namespace, image, driver: driver === 'podman' ? driver : 'docker', job } as const;
  return startHelper(wish, allocation, runtime);
}

/** Removes the helpers, also after Ctrl-C. */
async function removeHelpers({ begun, terminal, runtime }: Tunnel): Promise<void> {
  for (const helper of begun) {
    const started = await helper.catch(() => undefined);
    const left = await started?.remove();
    if (left !== undefined)
      runtime.log.warning(
        `The helper ${started?.id} is left, because ${left.replace(/\.$/, '')}. Remove it: nomad job stop -purge ${started?.id}`,
      );
    else if (started !== undefined) terminal.say(`The helper ${started.id} is removed.`);
  }
}
