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
import { API_WORDS } from './words.ts';

/** The source of a job version for `nomad job inspect -hcl` and the UI. Without it, Nomad 1.11 shows the source of version 0. */
export interface Submission {
  readonly Source: string;
  readonly Format: 'hcl2' | 'json';
  readonly Variables: string;
  /** The variables by their names, as Nomad keeps them beside the text of a file. */
  readonly VariableFlags?: Readonly<Record<string, string>> | null;
}

/** A tag for a version. */
interface Tagging {
  readonly Version: number;
  readonly Name: string;
  readonly Description: string;
}

/** A problem of the parser; line and column count from 1. */
export interface ParseProblem {
  readonly message: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

export type ParseResult = { readonly job: Job } | { readonly problems: readonly ParseProblem[] };
/** The answer to a registration: `conflict` has Nomad's text, `refused` is a refusal whose reason the state of the job tells. */
export type RegisterResult = { readonly response: RegisterResponse } | { readonly conflict: string } | { readonly refused: ActionError };

/** The resource `/v1/jobs` and `/v1/job`: https://developer.hashicorp.com/nomad/api-docs/jobs */
export function jobs({ send }: Transport) {
  const path = (id: string, rest = ''): string => `/v1/job/${encodeURIComponent(id)}${rest}`;
  const tagPath = (id: string, name: string): string => path(id, `/versions/${encodeURIComponent(name)}/tag`);
  const read = async <T>(url: string, namespace: string | undefined, none: T, signal?: AbortSignal): Promise<T> => {
    const { status, json } = await send({
      method: 'GET',
      path: url,
      namespace,
      accept: [404],
      capability: 'read-job',
      // A read with a signal belongs to a watched rollout, which waits out an outage.
      ...(signal === undefined ? {} : { signal, patient: true }),
    });
    return status === 404 ? none : ((json as T | null) ?? none);
  };
  return {
    /** Reads the registered job; undefined when there is none. */
    read: async (id: string, namespace: string | undefined, signal?: AbortSignal) =>
      read<RegisteredJob | undefined>(path(id), namespace, undefined, signal),

    /** Reads the registered job with all digits of its numbers, to be registered again; undefined when there is none. */
    readWhole: async (id: string, namespace: string | undefined): Promise<RegisteredJob | undefined> => {
      const call = { method: 'GET', path: path(id), namespace, decode: parseLossless } as const;
      const { status, json } = await send({ ...call, accept: [404], capability: 'read-job' });
      return status === 404 ? undefined : (json as RegisteredJob);
    },

    /** Reads the source of a version; undefined where Nomad keeps none. */
    submission: async (id: string, version: number, namespace: string | undefined) => {
      const url = { path: path(id, '/submission'), query: { version: `${version}` } };
      const { status, json } = await send({ method: 'GET', ...url, namespace, accept: [404], capability: 'read-job' });
      return status === 404 ? undefined : (json as Submission);
    },

    /** Reads the registered job, by a blocking query after the index. Undefined when it was purged. */
    watch: async (id: string, namespace: string | undefined, index: number, signal: AbortSignal) => {
      const answer = await send({ ...blockingRead(path(id), 'object', { namespace, index, signal }), accept: [404] });
      return { value: answer.status === 404 ? undefined : (answer.json as RegisteredJob), index: answer.index };
    },

    /** Rolls back to an older version, as a new one, if the newest version still is `current`. */
    revert: async (id: string, version: number, current: number, namespace: string | undefined): Promise<RegisterResponse> => {
      const body = JSON.stringify({ JobID: id, JobVersion: version, EnforcePriorVersion: current });
      const { json } = await send({ method: 'PUT', path: path(id, '/revert'), namespace, body, capability: 'revert-job' });
      return json as RegisterResponse;
    },

    /** Tags a version, in place of its own tag. Nomad refuses the name of another version's tag. */
    tag: async (id: string, { Version, Name, Description }: Tagging, namespace: string | undefined): Promise<void> => {
      const body = JSON.stringify({ Version, Description });
      await send({ method: 'PUT', path: tagPath(id, Name), namespace, body, capability: 'tag-job-version', repeatable: true });
    },

    /** Removes a tag from the newest version that has it. */
    untag: async (id: string, name: string, namespace: string | undefined): Promise<void> => {
      await send({ method: 'DELETE', path: tagPath(id, name), namespace, capability: 'tag-job-version' });
    },

    /** Starts a run of a parameterized job. The same token never starts a second run. */
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
      return (await send(call)).json as DispatchResponse;
    },

    /** Starts a run of a periodic job now. Returns the id of its evaluation, which names the run. */
    forcePeriodic: async (id: string, namespace: string | undefined): Promise<string> => {
      const { json } = await send({ method: 'PUT', path: path(id, '/periodic/force'), namespace, capability: 'force-periodic-job' });
      return (json as { EvalID: string }).EvalID;
    },

    /** Sets the count of a group, as a new version. Nomad refuses it during a deployment. */
    scale: async (
      id: string,
      { group, count, message }: { readonly group: string; readonly count: number; readonly message: string },
      namespace: string | undefined,
    ): Promise<RegisterResponse> => {
      const body = JSON.stringify({ Count: count, Target: { Group: group }, Message: message });
      const { json } = await send({ method: 'PUT', path: path(id, '/scale'), namespace, body, capability: 'scale-job' });
      return json as RegisterResponse;
    },

    /**
     * Stops a job by a new, stopped version; with `purge` removes the job and its versions. A job that does not exist is no error. Returns the new modify index of
     * the job. Nomad has no check-and-set for this call, so read the job right before.
     * Purge only a stopped job: some versions of Nomad crash when an evaluation of the job is running. `capability` is the one that a denied call names: that to purge
     * a job also allows to stop it.
     */
    deregister: async (
      id: string,
      namespace: string | undefined,
      purge: boolean,
      capability: 'purge-job' | 'deregister-job' = purge ? 'purge-job' : 'deregister-job',
    ): Promise<number> => {
      const { json } = await send({ method: 'DELETE', path: path(id), namespace, query: { purge: `${purge}` }, capability });
      return (json as { JobModifyIndex: number }).JobModifyIndex;
    },

    /** Reads all jobs of a namespace, with their meta. */
    list: async (namespace: string | undefined): Promise<JobStub[]> => {
      const { json } = await send({ method: 'GET', path: '/v1/jobs', namespace, query: { meta: 'true' }, capability: 'list-jobs' });
      return (json as JobStub[] | null) ?? [];
    },

    /** Reads the runs of a periodic or parameterized job, as they are listed. */
    children: async (parent: string, namespace: string | undefined, signal?: AbortSignal): Promise<JobStub[]> => {
      const call = { method: 'GET', path: '/v1/jobs', namespace, query: { prefix: `${parent}/` }, capability: 'list-jobs' } as const;
      const { json } = await send({ ...call, ...(signal === undefined ? {} : { signal, patient: true }) });
      return ((json ?? []) as JobStub[]).filter(({ ParentID }) => ParentID === parent);
    },

    /** Reads the unfinished runs of a periodic or parameterized job. */
    runs: async (parent: string, namespace: string | undefined): Promise<RegisteredJob[]> => {
      const query = { prefix: `${parent}/`, filter: 'Status != "dead"' };
      const { json } = await send({ method: 'GET', path: '/v1/jobs', namespace, query, capability: 'list-jobs' });
      const stubs = ((json ?? []) as JobStub[]).filter(({ ParentID }) => ParentID === parent);
      const all = await Promise.all(stubs.map(async ({ ID }) => read<RegisteredJob | undefined>(path(ID), namespace, undefined)));
      return all.flatMap((job) => job ?? []);
    },

    /** Reads the jobs with a value in their meta, in all namespaces of the token. Throws `permission-denied` when it may read none. */
    withMeta: async (key: string, value: string): Promise<{ ID: string; Namespace: string }[]> => {
      const query = { meta: 'true', filter: `Meta[${JSON.stringify(key)}] == ${JSON.stringify(value)}` };
      const { json } = await send({ method: 'GET', path: '/v1/jobs', namespace: '*', query, capability: 'list-jobs' });
      return (json ?? []) as { ID: string; Namespace: string }[];
    },

    /** Reads the deployments of all kept versions of a job. */
    deployments: async (id: string, namespace: string | undefined, signal?: AbortSignal) =>
      (await read<Deployment[]>(path(id, '/deployments'), namespace, [], signal)).map(withGroups),

    /** Reads the deployments of a job, by a blocking query after the index. */
    watchDeployments: async (id: string, namespace: string | undefined, index: number, signal: AbortSignal) => {
      const answer = await send(blockingRead(path(id, '/deployments'), 'list', { namespace, index, signal }));
      return { value: ((answer.json ?? []) as Deployment[]).map(withGroups), index: answer.index };
    },

    /** Reads the kept versions of a job, the newest first. */
    versions: async (id: string, namespace: string | undefined, signal?: AbortSignal) =>
      (await read<{ Versions?: RegisteredJob[] | null }>(path(id, '/versions'), namespace, {}, signal)).Versions ?? [],

    /** Reads the count of the last kept scaling of each group, by an autoscaler or by hand. */
    scalings: async (id: string, namespace: string | undefined): Promise<Record<string, number>> => {
      const { TaskGroups } = await read<ScaleStatus>(path(id, '/scale'), namespace, {});
      return Object.fromEntries(
        Object.entries(TaskGroups ?? {}).flatMap(([group, { Events }]) => {
          // The newest event is the first. Events without a count only inform, such as about a failed autoscaler.
          const last = (Events ?? []).find(({ Count, Error: failed }) => typeof Count === 'number' && failed !== true);
          return typeof last?.Count === 'number' ? [[group, last.Count] as const] : [];
        }),
      );
    },

    /** Reads the kept evaluations of a job. */
    evaluations: async (id: string, namespace: string | undefined, signal?: AbortSignal) =>
      read<Evaluation[]>(path(id, '/evaluations'), namespace, [], signal),

    /** Reads the allocations of all versions of a job, by a blocking query after the index. */
    allocations: async (id: string, namespace: string | undefined, index: number, signal: AbortSignal) => {
      const answer = await send(blockingRead(path(id, '/allocations'), 'list', { namespace, index, signal }));
      return { value: shortenAllocations(answer.json), index: answer.index };
    },

    /** Parses HCL with its variables by the cluster's own parser. `variables` is a JSON object whose texts are literal. */
    parse: async (source: string, variables: string, namespace: string | undefined): Promise<ParseResult> => {
      const body = JSON.stringify({ JobHCL: source, Variables: variables, Canonicalize: false });
      const call = { method: 'POST', path: '/v1/jobs/parse', namespace, body, decode: parseLossless } as const;
      const { status, text, json } = await send({ ...call, accept: [400], capability: 'parse-job' });
      return status === 400 ? { problems: parseProblems(nomadsWords(text)) } : { job: json as Job };
    },

    /**
     * Parses HCL by the Nomad CLI, which also has the functions that read files. `cli` runs the program with arguments and standard input in the folder of the
     * files. The variables are in a file, because they may hold a password.
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

    /** Parses JSON with all digits of its numbers. Throws a `SyntaxError` for other text. */
    decode: parseLossless,

    /** Validates a job on the servers. Returns all problems, and the warnings as one text. */
    validate: async (job: Job, namespace: string | undefined): Promise<{ problems: string[]; warnings: string | null | undefined }> => {
      const body = JSON.stringify({ Job: job });
      const { status, text, json } = await send({
        method: 'POST',
        path: '/v1/validate/job',
        namespace,
        body,
        accept: [400],
        capability: 'read-job',
      });
      // The server refuses a job object with a value of the wrong type as a whole.
      if (status === 400) return { problems: [wrongType(nomadsWords(text))], warnings: undefined };
      const answer = json as { ValidationErrors?: string[] | null; Warnings?: string | null };
      return { problems: answer.ValidationErrors ?? [], warnings: answer.Warnings };
    },

    /**
     * Returns whether the servers know a field of a job object, which they otherwise drop without a word: no field takes a list as well as an object. `withValue`
     * returns the job with the field as it is given.
     */
    knows: async (withValue: (value: unknown) => unknown, namespace: string | undefined): Promise<boolean> => {
      for (const value of [[], {}]) {
        const body = JSON.stringify({ Job: withValue(value) });
        const call = { method: 'POST', path: '/v1/validate/job', namespace, body, accept: [400], capability: 'read-job' } as const;
        if ((await send(call)).status === 400) return true;
      }
      return false;
    },

    /** Plans a registration: its changes and placements. Writes nothing. */
    plan: async (job: Job, namespace: string | undefined): Promise<PlanResponse> => {
      const body = JSON.stringify({ Job: job, Diff: true });
      const { json } = await send({ method: 'POST', path: path(job.ID, '/plan'), namespace, body, capability: 'plan-job' });
      return json as PlanResponse;
    },

    /** Registers a job if its modify index still is the given one (0: the job must not exist). Returns a conflict or another refusal, by Nomad's text. */
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
      if (answer.status === 200) return { response: answer.json as RegisterResponse };
      const words = nomadsWords(answer.text);
      if (API_WORDS.conflict.pattern.test(words)) return { conflict: words };
      const hint = 'Nothing was registered.';
      return { refused: new ActionError('nomad-refused', `Nomad refused the job ${job.ID}: ${words}`, { hint }) };
    },
  };
}

/** Returns Go's error about a value of the wrong type in a job object, such as `"5s"` for a duration, in plain words. */
function wrongType(words: string): string {
  const [, got, field, wanted] = API_WORDS.wrongType.pattern.exec(words) ?? [];
  if (field === undefined) return words;
  return `${field} can't be a ${got}: ${wanted === 'time.Duration' ? 'a duration is a whole number of nanoseconds, 5000000000 for 5s' : `the type is ${wanted}`}`;
}

/**
 * Returns the diagnostics of Nomad's parser, one for each line such as `input.hcl:3,1-5: Unsupported argument; …`; the CLI calls the file `stdin`. A diagnostic
 * that only follows from another one is left out.
 */
function parseProblems(words: string): ParseProblem[] {
  const problems = words
    .replace(/^(Error getting job struct: )?(Error parsing job file from [^\n]*|Failed to parse job): ?\n?/, '')
    .split(/\n(?=(?:<nil>|input\.hcl|stdin)[:,])/)
    .map((text) => {
      const place = API_WORDS.place.pattern.exec(text);
      return {
        message: text.replace(/^(<nil>|(input\.hcl|stdin):[\d,-]+): /, '').trim(),
        line: place?.[1] === undefined ? undefined : Number(place[1]),
        column: place?.[2] === undefined ? undefined : Number(place[2]),
      };
    });
  const own = problems.filter(({ message }) => !API_WORDS.follows.pattern.test(message));
  return own.length === 0 ? problems : own;
}
