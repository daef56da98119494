// The pull of an image by a node: a batch job, which is removed afterwards.
import { createHash } from 'node:crypto';
import { diagnose, shortId } from '../diagnose/index.ts';
import { ActionError } from '../errors.ts';
import { cleanUpHook, leaveHook, PULLS } from '../hooks/index.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Rendering } from '../jobspec/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Job, Task, TaskGroup } from '../nomad/types.ts';
import { registerJob } from '../register/index.ts';
import type { Run } from '../report/index.ts';
import { randomHex } from '../runtime/index.ts';
import { type Claim, META, recordMeta, withProvenance } from '../target/index.ts';
import { formatDuration } from '../text/index.ts';
import { type Watched, watchJob } from '../watch/index.ts';
import { type Finding, findingsOf } from './facts.ts';

/** The drivers that pull images. */
const PULLING = ['docker', 'podman'];

/** No image has this program: the container is made after the pull, and nothing of the application starts. */
const NOTHING = '/nomad-deploy-only-pulls';

/** The parts of a driver's config that are about the pull. */
const OF_PULL = ['image', 'auth', 'auth_soft_fail', 'image_pull_timeout'];

/** The limit of a pull, that of the Docker driver. */
const PULL_MS = 300_000;
const ID_DIGITS = 8;
const STEP_DIGITS = 16;

/** A task whose image a node can pull. */
export interface Pull {
  readonly group: TaskGroup;
  readonly task: Task;
  readonly image: string;
}

const ZEROS = /0{64}/;

/**
 * Returns the images that a node can pull for a job, each once. An image that is not built yet is that of the same task of the registered job. Undefined where
 * there is none, because nothing was built and deployed yet.
 */
export function pullsOf(job: Job, live: Job | undefined): Pull[] | undefined {
  const all = (job.TaskGroups ?? []).flatMap((group) => (group.Tasks ?? []).map((task) => ({ group, task })));
  const pulling = all.filter(({ task: { Driver } }) => PULLING.includes(Driver));
  const imageIn = (group: TaskGroup, task: Task): string | undefined => {
    const own = task.Config?.['image'];
    if (typeof own === 'string' && !ZEROS.test(own)) return own;
    const before = live?.TaskGroups?.find(({ Name }) => Name === group.Name)?.Tasks?.find(({ Name }) => Name === task.Name)?.Config?.[
      'image'
    ];
    return typeof before === 'string' ? before : undefined;
  };
  const found = pulling.flatMap(({ group, task }) => {
    const image = imageIn(group, task);
    return image === undefined ? [] : [{ group, task, image }];
  });
  if (found.length === 0 && pulling.length > 0) return undefined;
  return [...new Map(found.map((one) => [one.image, one])).values()];
}

/** Returns the job by which a node of the place of a job pulls an image. Its only task ends at once, because the image has no such program. */
export function pullJob(job: Job, { group, task, image }: Pull, id: string): Job {
  const kept = Object.fromEntries(Object.entries(task.Config ?? {}).filter(([name]) => OF_PULL.includes(name)));
  const own: Task = {
    Name: 'pull',
    Driver: task.Driver,
    Config: { ...kept, image, force_pull: true, entrypoint: [NOTHING] },
    Constraints: task.Constraints ?? null,
    Resources: { CPU: 50, MemoryMB: 32 },
    RestartPolicy: null,
  };
  return {
    ID: id,
    Name: id,
    Namespace: job.Namespace ?? null,
    Region: job.Region ?? null,
    Type: 'batch',
    Datacenters: job.Datacenters ?? null,
    NodePool: job.NodePool ?? null,
    Constraints: job.Constraints ?? null,
    Meta: { [META.hook]: PULLS },
    TaskGroups: [
      {
        Name: 'pull',
        Count: 1,
        Constraints: group.Constraints ?? null,
        // Nomad wants more than the logs of the task may have, 100 MB.
        EphemeralDisk: { SizeMB: 150 },
        RestartPolicy: { Attempts: 0, Interval: 86_400e9, Delay: 1e9, Mode: 'fail' },
        ReschedulePolicy: { Attempts: 0, Interval: 0, Unlimited: false },
        Tasks: [own],
      },
    ],
  };
}

/** The job whose image is pulled, in its region. */
export interface Pulling {
  readonly job: Job;
  readonly live: Job | undefined;
  readonly namespace: string;
  readonly nomad: Nomad;
  readonly claim: Claim;
  readonly rendering: Pick<Rendering, 'context' | 'target'>;
  readonly inputs: Pick<Inputs, 'logLines' | 'push'>;
  /** Asks the person at a terminal. Throws for a no. */
  readonly ask: (subject: string) => Promise<void>;
}

/** Has a node pull each image of a job. The jobs are gone afterwards, whatever the end. Throws when the run is cancelled. */
export async function pullFindings(pulling: Pulling, current: Run): Promise<Finding[]> {
  const { fine, unchecked } = findingsOf('pull');
  const pulls = pullsOf(pulling.job, pulling.live);
  if (pulls === undefined) return [unchecked('the image is not built yet, and no version of the job is registered that has one')];
  if (pulls.length === 0) return [fine('no task of the spec has an image')];
  if (!pulling.inputs.push) return [unchecked('the image is in the local engine only (`push: false`)')];
  const found: Finding[] = [];
  for (const pull of pulls) {
    if (JSON.stringify([pull.image, pull.task.Config?.['auth']]).includes('${')) {
      found.push(unchecked(`the image or the login of the task ${pull.task.Name} is made of values that only the job itself has`));
      continue;
    }
    const id = `${pulling.job.ID}-pull-${randomHex(current.runtime.clock, ID_DIGITS)}`;
    const refused = await refusalOf(async () =>
      pulling.ask(`the batch job ${id}, by which a node pulls ${pull.image}, and which is removed afterwards`),
    );
    if (refused === undefined) found.push(await pullOne(pullJob(pulling.job, pull, id), pull.image, pulling, current));
    else found.push(unchecked(refused.code === 'cancelled' ? 'it was not confirmed' : refused.message, refused.hint));
    current.runtime.signal.throwIfAborted();
  }
  return found;
}

/** Returns the expected error of some work; undefined where it succeeds. */
async function refusalOf(work: () => Promise<void>): Promise<ActionError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof ActionError) return error;
    throw error;
  }
}

async function pullOne(job: Job, image: string, pulling: Pulling, current: Run): Promise<Finding> {
  const { namespace, nomad, claim, rendering } = pulling;
  const { runtime } = current;
  return current.stage('pull', `Have a node pull ${image} by the job ${job.ID}`, async () => {
    const place = { hookId: job.ID, namespace, scopes: [] };
    const step = randomHex(runtime.clock, STEP_DIGITS);
    const spec = createHash('sha256').update(JSON.stringify(job)).digest('hex');
    const owned = { ...job, Meta: { ...job.Meta, ...recordMeta(claim.owner) } };
    const marked = withProvenance(owned, rendering.context, { spec, step });
    leaveHook(place, step, { nomad, target: rendering.target }, current);
    try {
      // Everybody who may read the job sees its source.
      const source = runtime.redact(JSON.stringify({ Job: marked }, null, 2));
      const submission = { source, format: 'json' as const, variables: '', namespace };
      const registration = await registerJob(marked, submission, { plan: { jobModifyIndex: 0 }, live: undefined }, nomad);
      if ('conflict' in registration) throw new ActionError('conflict', `another run has registered ${job.ID}`);
      const options = {
        timeoutMs: PULL_MS,
        failFast: true,
        patienceMs: 0,
        promote: 'spec' as const,
        logLines: 0,
        onDeployment: () => undefined,
      };
      const watched = await watchJob(marked, registration, options, { nomad, runtime });
      runtime.signal.throwIfAborted();
      return await pullFinding(marked, image, watched, pulling, current);
    } catch (error) {
      runtime.signal.throwIfAborted();
      if (error instanceof ActionError) return findingsOf('pull').failed(error);
      throw error;
    } finally {
      await cleanUpHook(place, step, { claim, nomad }, current);
    }
  });
}

/** Returns the result of a pull by the end of its job: a container that could be made has its image. */
async function pullFinding(
  job: Job,
  image: string,
  { verdict, snapshot, evidence }: Watched,
  { namespace, nomad, inputs }: Pulling,
  { runtime }: Run,
): Promise<Finding> {
  const { fine, warning, broken } = findingsOf('pull');
  const [allocation] = snapshot.allocations;
  const node = allocation === undefined ? '' : ` by ${allocation.NodeName || shortId(allocation.NodeID ?? '')}`;
  if (verdict.outcome === 'successful') return fine(`${image} was pulled${node}`);
  const found = await diagnose(verdict, snapshot, { job, namespace, nomad, runtime, logLines: inputs.logLines, collected: evidence });
  if (found.about.kind === 'command') return fine(`${image} was pulled${node}`);
  const cause = found.cause.replace(/^pull\/pull:? /, '');
  if (verdict.outcome === 'timed-out') return warning(`${image} was not pulled within ${formatDuration(PULL_MS)}: ${cause}`);
  return broken(
    `${image}${node}: ${cause}`,
    found.about.kind === 'image' ? 'Check that the image exists, and that the nodes can reach and log in to its registry.' : undefined,
  );
}
