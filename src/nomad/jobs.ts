import { ActionError } from '../errors.ts';
import type { CommandResult } from '../runtime/runtime.ts';
import { shortenAllocations } from './allocation-list.ts';
import { blockingRead, type Transport } from './call.ts';
import { withGroups } from './deployments.ts';
import { parseLossless } from './json.ts';
import { needsOf } from './policy-lines.ts';
import { nomadsWords } from './refusal.ts';
import type {
  Deployment,
  DispatchResponse,
  Evaluation,
  Job,
  JobStub,
  PlanResponse,
  RegisteredJob,
  RegisterResponse,
  ScaleStatus,
} from './types.ts';

/** What is kept with a job version for `nomad job inspect -hcl` and the UI. Without one, 1.11 would show version 0's source. */
export interface Submission {
  readonly Source: string;
  readonly Format: 'hcl2' | 'json';
  readonly Variables: string;
}

/** What the parser says about a spec, with the place in it where it has one; both count from 1. */
export interface ParseProblem {
  readonly message: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

export type ParseResult = { readonly job: Job } | { readonly problems: readonly ParseProblem[] };
export type RegisterResult = { readonly response: RegisterResponse } | { readonly conflict: string };

/** The resource `/v1/jobs` and `/v1/job`: https://developer.hashicorp.com/nomad/api-docs/jobs */
export function jobs({ send }: Transport) {
  const path = (id: string, rest = ''): string => `/v1/job/${encodeURIComponent(id)}${rest}`;
  const read = async <T>(url: string, namespace: string | undefined, none: T, signal?: AbortSignal): Promise<T> => {
    const { status, text } = await send({
      method: 'GET',
      path: url,
      namespace,
      accept: [404],
      capability: 'read-job',
      // While a rollout is watched, an outage is waited out.
      ...(signal === undefined ? {} : { signal, patient: true }),
    });
    return status === 404 ? none : ((JSON.parse(text) as T | null) ?? none);
  };
  return {
    /** The registered job, or undefined when there is none. */
    read: async (id: string, namespace: string | undefined) => read<RegisteredJob | undefined>(path(id), namespace, undefined),

    /** The registered job; answers when it changed after the given index. Undefined when it was purged. */
    watch: async (id: string, namespace: string | undefined, index: number, signal: AbortSignal) => {
      const answer = await send({ ...blockingRead(path(id), 'object', namespace, index, signal), accept: [404] });
      return { value: answer.status === 404 ? undefined : (answer.json as RegisteredJob), index: answer.index };
    },

    /** Goes back to an older version, as a new one. Only if the newest version still is `current`. */
    revert: async (id: string, version: number, current: number, namespace: string | undefined): Promise<RegisterResponse> => {
      const body = JSON.stringify({ JobID: id, JobVersion: version, EnforcePriorVersion: current });
      return JSON.parse(
        (await send({ method: 'PUT', path: path(id, '/revert'), namespace, body, capability: 'revert-job' })).text,
      ) as RegisterResponse;
    },

    /** Starts a run of a parameterized job. Sent again with the same token, it is the same run. */
    dispatch: async (
      id: string,
      { meta, payload }: { readonly meta: Readonly<Record<string, string>>; readonly payload: string | undefined },
      token: string,
      namespace: string | undefined,
    ): Promise<DispatchResponse> => {
      const body = JSON.stringify({ Meta: meta, ...(payload === undefined ? {} : { Payload: Buffer.from(payload).toString('base64') }) });
      const query = { idempotency_token: token };
      const call = {
        method: 'PUT',
        path: path(id, '/dispatch'),
        query,
        namespace,
        body,
        capability: 'dispatch-job',
        repeatable: true,
      } as const;
      return JSON.parse((await send(call)).text) as DispatchResponse;
    },

    /** Starts a run of a periodic job now; gives its evaluation, which names it. */
    forcePeriodic: async (id: string, namespace: string | undefined): Promise<string> => {
      const { text } = await send({ method: 'PUT', path: path(id, '/periodic/force'), namespace, capability: 'force-periodic-job' });
      return (JSON.parse(text) as { EvalID: string }).EvalID;
    },

    /** Sets the count of a group, as a new version. Refused while a deployment is under way. */
    scale: async (
      id: string,
      { group, count, message }: { readonly group: string; readonly count: number; readonly message: string },
      namespace: string | undefined,
    ): Promise<RegisterResponse> => {
      const body = JSON.stringify({ Count: count, Target: { Group: group }, Message: message });
      return JSON.parse(
        (await send({ method: 'PUT', path: path(id, '/scale'), namespace, body, capability: 'scale-job' })).text,
      ) as RegisterResponse;
    },

    /**
     * Stops a job, by a new version that is stopped; with `purge` forgets it and its versions. A job that does not exist is no error. Gives the modify
     * index that the job has then. Nomad has no check-and-set for it: whoever calls this has just read the job.
     * Purge only what is stopped: some versions of Nomad do not survive it while an evaluation of the job is under way.
     */
    deregister: async (id: string, namespace: string | undefined, purge: boolean): Promise<number> => {
      const capability = purge ? 'purge-job' : 'deregister-job';
      const { text } = await send({ method: 'DELETE', path: path(id), namespace, query: { purge: `${purge}` }, capability });
      return (JSON.parse(text) as { JobModifyIndex: number }).JobModifyIndex;
    },

    /** All jobs of a namespace, with their meta. */
    list: async (namespace: string | undefined): Promise<JobStub[]> => {
      const { text } = await send({ method: 'GET', path: '/v1/jobs', namespace, query: { meta: 'true' }, capability: 'list-jobs' });
      return JSON.parse(text) as JobStub[];
    },

    /** The jobs that are runs of a periodic or parameterized job, and not done. */
    runs: async (parent: string, namespace: string | undefined): Promise<RegisteredJob[]> => {
      const query = { prefix: `${parent}/`, filter: 'Status != "dead"' };
      const { text } = await send({ method: 'GET', path: '/v1/jobs', namespace, query, capability: 'list-jobs' });
      const stubs = (JSON.parse(text) as JobStub[]).filter(({ ParentID }) => ParentID === parent);
      const all = await Promise.all(stubs.map(async ({ ID }) => read<RegisteredJob | undefined>(path(ID), namespace, undefined)));
      return all.flatMap((job) => job ?? []);
    },

    /** The jobs of all namespaces that the token may read whose meta has a value. Throws `permission-denied` when it may read none. */
    withMeta: async (key: string, value: string): Promise<{ ID: string; Namespace: string }[]> => {
      const query = { meta: 'true', filter: `Meta[${JSON.stringify(key)}] == ${JSON.stringify(value)}` };
      const { text } = await send({ method: 'GET', path: '/v1/jobs', namespace: '*', query, capability: 'list-jobs' });
      return JSON.parse(text) as { ID: string; Namespace: string }[];
    },

    /** All deployments of a job, of every version that is still kept. */
    deployments: async (id: string, namespace: string | undefined, signal?: AbortSignal) =>
      (await read<Deployment[]>(path(id, '/deployments'), namespace, [], signal)).map(withGroups),

    /** The same, as a blocking query: answers when one of them changed after the given index. */
    watchDeployments: async (id: string, namespace: string | undefined, index: number, signal: AbortSignal) => {
      const answer = await send(blockingRead(path(id, '/deployments'), 'list', namespace, index, signal));
      return { value: ((answer.json ?? []) as Deployment[]).map(withGroups), index: answer.index };
    },

    /** Versions that are still kept, the newest first. */
    versions: async (id: string, namespace: string | undefined, signal?: AbortSignal) =>
      (await read<{ Versions?: RegisteredJob[] | null }>(path(id, '/versions'), namespace, {}, signal)).Versions ?? [],

    /** The counts that the last scaling of each group, by an autoscaler or by hand, gave it, as far as that is still kept. */
    scalings: async (id: string, namespace: string | undefined): Promise<Record<string, number>> => {
      const { TaskGroups } = await read<ScaleStatus>(path(id, '/scale'), namespace, {});
      return Object.fromEntries(
        Object.entries(TaskGroups ?? {}).flatMap(([group, { Events }]) => {
          // The newest event is the first. One without a count only informs, such as about a failed autoscaler.
          const last = (Events ?? []).find(({ Count, Error: failed }) => typeof Count === 'number' && failed !== true);
          return typeof last?.Count === 'number' ? [[group, last.Count] as const] : [];
        }),
      );
    },

    /** The evaluations of a job that are still kept. */
    evaluations: async (id: string, namespace: string | undefined, signal?: AbortSignal) =>
      read<Evaluation[]>(path(id, '/evaluations'), namespace, [], signal),

    /** The allocations of all versions of a job; a blocking query when an index is given. */
    allocations: async (id: string, namespace: string | undefined, index: number, signal: AbortSignal) => {
      const answer = await send(blockingRead(path(id, '/allocations'), 'list', namespace, index, signal));
      return { value: shortenAllocations(answer.json), index: answer.index };
    },

    /** Parses HCL with its variables (a JSON object: a text in it is taken literally), by the cluster's own parser. */
    parse: async (source: string, variables: string, namespace: string | undefined): Promise<ParseResult> => {
      const body = JSON.stringify({ JobHCL: source, Variables: variables, Canonicalize: false });
      const answer = await send({ method: 'POST', path: '/v1/jobs/parse', namespace, body, accept: [400], capability: 'parse-job' });
      return answer.status === 400 ? { problems: parseProblems(nomadsWords(answer.text)) } : { job: parseLossless(answer.text) as Job };
    },

    /**
     * As `parse`, by the Nomad CLI, which also knows the functions that read files. `cli` runs it with arguments and a standard input, in the folder that
     * the files are relative to; the variables come from a file, since they may hold a password.
     */
    parseWithCli: async (
      source: string,
      variablesFile: string,
      cli: (args: readonly string[], stdin: string) => Promise<CommandResult>,
    ): Promise<ParseResult> => {
      const { code, stdout, stderr } = await cli(['job', 'run', '-output', `-var-file=${variablesFile}`, '-'], source);
      return code === 0
        ? { job: (parseLossless(stdout) as { Job: Job }).Job }
        : { problems: parseProblems(stderr.trim().replaceAll(variablesFile, 'input.hcl')) };
    },

    /** Reads JSON as Nomad writes it, with all digits of its numbers. Throws a `SyntaxError` for what is no JSON. */
    decode: parseLossless,

    /** All problems of a job that the servers can see, and their warnings as one text. */
    validate: async (job: Job, namespace: string | undefined): Promise<{ problems: string[]; warnings: string | null | undefined }> => {
      const body = JSON.stringify({ Job: job });
      const { status, text } = await send({
        method: 'POST',
        path: '/v1/validate/job',
        namespace,
        body,
        accept: [400],
        capability: 'read-job',
      });
      // A job object with a value of the wrong type is none that the server can read.
      if (status === 400) return { problems: [wrongType(nomadsWords(text))], warnings: undefined };
      const answer = JSON.parse(text) as { ValidationErrors?: string[] | null; Warnings?: string | null };
      return { problems: answer.ValidationErrors ?? [], warnings: answer.Warnings };
    },

    /** What a registration would change, and where it would be placed. Writes nothing. */
    plan: async (job: Job, namespace: string | undefined): Promise<PlanResponse> => {
      const body = JSON.stringify({ Job: job, Diff: true });
      return JSON.parse(
        (await send({ method: 'POST', path: path(job.ID, '/plan'), namespace, body, capability: 'plan-job' })).text,
      ) as PlanResponse;
    },

    /** Registers a job if its modify index still is the given one (0: it must not exist yet); a conflict comes back as Nomad's text. */
    register: async (job: Job, submission: Submission, jobModifyIndex: number, namespace: string | undefined): Promise<RegisterResult> => {
      const body = JSON.stringify({ Job: job, Submission: submission, EnforceIndex: true, JobModifyIndex: jobModifyIndex });
      const answer = await send({
        method: 'POST',
        path: '/v1/jobs',
        namespace,
        body,
        accept: [500],
        capability: 'register-job',
        needs: needsOf(job),
      });
      if (answer.status === 200) return { response: JSON.parse(answer.text) as RegisterResponse };
      // Nomad has no status of its own for this: the text is all there is.
      if (answer.text.startsWith('Enforcing job modify index')) return { conflict: nomadsWords(answer.text) };
      throw new ActionError('nomad-refused', `Nomad refused the job ${job.ID}: ${nomadsWords(answer.text)}`, {
        hint: 'Nothing was registered.',
      });
    },
  };
}

/** Go's words for a value of the wrong type in a job object, such as `"5s"` for a duration. */
function wrongType(words: string): string {
  const [, got, field, wanted] = /cannot unmarshal (\S+) into Go struct field \w+\.Job\.(\S+) of type (\S+)/.exec(words) ?? [];
  if (field === undefined) return words;
  return `${field} can't be a ${got}: ${wanted === 'time.Duration' ? 'a duration is a whole number of nanoseconds, 5000000000 for 5s' : `it has to be of type ${wanted}`}`;
}

/**
 * The diagnostics in the words of Nomad's parser, one a line: `input.hcl:3,1-5: Unsupported argument; …`; the CLI calls the file `stdin`. A line that
 * only follows from the one before is left out.
 */
function parseProblems(words: string): ParseProblem[] {
  const problems = words
    .replace(/^(Error getting job struct: )?(Error parsing job file from [^\n]*|Failed to parse job): ?\n?/, '')
    .split(/\n(?=(?:<nil>|input\.hcl|stdin)[:,])/)
    .map((text) => {
      const place = /(?:input\.hcl|stdin):(\d+),(\d+)/.exec(text);
      return {
        message: text.replace(/^(<nil>|(input\.hcl|stdin):[\d,-]+): /, '').trim(),
        line: place?.[1] === undefined ? undefined : Number(place[1]),
        column: place?.[2] === undefined ? undefined : Number(place[2]),
      };
    });
  const own = problems.filter(({ message }) => !message.includes('value must be known'));
  return own.length === 0 ? problems : own;
}
