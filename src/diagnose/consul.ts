// The checks of services in Consul, which Nomad does not know: https://developer.hashicorp.com/consul/api-docs/health
import { messageOf } from '../errors.ts';
import type { Allocation, CheckResult, Job, Service, TaskGroup } from '../nomad/types.ts';
import type { Secret } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { textAt, valueAt } from '../text/index.ts';
import { servicesOf } from './check.ts';

const READ_MS = 5_000;
const MAX_BODY_BYTES = 1024 * 1024;

/** The services of an allocation whose checks are read. */
const MAX_SERVICES = 4;

/** The output of a failing check that Consul does not have yet. */
const UNTOLD = 'critical, and Consul has no output of it yet';

/** Consul's HTTP API, and the token that goes there only. */
export interface ConsulServer {
  readonly address: string;
  readonly token: Secret | undefined;
}

/** Reads the results of the checks that Consul has of an allocation; none, after a word to `tell`, where it does not answer. */
export type ReadConsul = (allocation: Allocation, signal: AbortSignal) => Promise<readonly CheckResult[]>;

/** Returns the reader of the checks of a job in Consul; undefined without an address, and for a job without such checks. `tell` hears of the first problem. */
export function consulReader(
  server: ConsulServer | undefined,
  job: Job,
  { request }: Pick<Runtime, 'request'>,
  tell: (problem: string) => void,
): ReadConsul | undefined {
  if (server === undefined || !(job.TaskGroups ?? []).some((group) => checkedServices(group).length > 0)) return undefined;
  let isTold = false;
  return async (allocation, signal) => {
    const group = job.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
    const services = checkedServices(group).slice(0, MAX_SERVICES);
    const namespace = group?.Consul?.Namespace ?? job.ConsulNamespace ?? '';
    try {
      const read = services.map(async (service) => {
        const found = resultsOf(await ask(allocation, healthPath(service), namespace, server, request, signal), allocation, service);
        if (!found.some(({ Status, Output }) => Status !== 'success' && (Output === '' || Output === UNTOLD))) return found;
        // The catalog gets the output of a check minutes after its status (`check_update_interval`); the agent that runs the check has it at once.
        const local = await ask(allocation, 'agent/checks', namespace, server, request, signal).catch(() => undefined);
        const own = resultsOf(Object.values(fieldsOf(local)), allocation, service).filter(({ Service: name }) => name === service.Name);
        return own.length > 0 ? own : found;
      });
      return (await Promise.all(read)).flat();
    } catch (error) {
      if (!signal.aborted && !isTold) tell(`The checks in Consul are not read: ${messageOf(error)}`);
      isTold ||= !signal.aborted;
      return [];
    }
  };
}

/** Returns the services of a group in Consul that have checks. */
function checkedServices(group: TaskGroup | undefined): Service[] {
  return servicesOf(group).filter(({ Provider, Checks }) => Provider !== 'nomad' && (Checks ?? []).length > 0);
}

/** Returns the path of the checks of a service. The node fills in a name with variables, so its service is known by its id only. */
function healthPath({ Name }: Service): string {
  return Name && !Name.includes('${') ? `health/checks/${encodeURIComponent(Name)}` : 'health/state/any';
}

const fieldsOf = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});

/** Asks for the checks of a service of one allocation. Redirects are not followed, so that the token goes nowhere else. Throws an `Error` in words. */
async function ask(
  { ID }: Allocation,
  path: string,
  namespace: string,
  { address, token }: ConsulServer,
  request: Runtime['request'],
  signal: AbortSignal,
): Promise<unknown> {
  const filter = encodeURIComponent(`ServiceID contains ${JSON.stringify(ID)}`);
  const url = `${address}/v1/${path}?filter=${filter}${namespace === '' ? '' : `&ns=${encodeURIComponent(namespace)}`}`;
  const headers = token === undefined ? {} : { 'X-Consul-Token': token };
  const at = `Consul at ${address}`;
  const wish = { method: 'GET', headers, timeoutMs: READ_MS, insecure: false, maxBytes: MAX_BODY_BYTES, signal } as const;
  const { status, body, complete } = await request(url, wish).catch((error: unknown) => {
    throw signal.aborted ? error : new Error(`${at} does not answer: ${messageOf(error)}`, { cause: error });
  });
  if (status === 403) throw new Error(`${at} answered 403: the token must allow \`service:read\` and \`node:read\``);
  if (status !== 200)
    throw new Error(`${at} answered ${status}${status >= 300 && status < 400 ? ', a redirect, which is not followed' : ''}`);
  if (!complete) throw new Error(`${at} answered with more than ${MAX_BODY_BYTES / 1024 / 1024} MiB`);
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new Error(`${at} answered without JSON`);
  }
}

/** Returns the checks of one allocation in the form of Nomad's own; those that Nomad ignores are left out. */
export function resultsOf(
  found: unknown,
  { ID, DeploymentStatus }: Pick<Allocation, 'ID' | 'DeploymentStatus'>,
  service: Service,
): CheckResult[] {
  return (Array.isArray(found) ? found : []).flatMap((one: unknown): CheckResult[] => {
    const [id, name, status, output] = ['ServiceID', 'Name', 'Status', 'Output'].map((field) => {
      const value = valueAt(one, field);
      return typeof value === 'string' ? value : '';
    });
    if (id === undefined || name === undefined || !id.includes(ID)) return [];
    const own = service.Checks?.find(({ Name }) => Name === name) ?? (service.Checks?.length === 1 ? service.Checks[0] : undefined);
    const onUpdate = own?.OnUpdate || service.OnUpdate;
    if (onUpdate === 'ignore') return [];
    const state = stateOf(status, onUpdate);
    const common = { Check: name, Service: textAt(one, 'ServiceName') ?? service.Name ?? '' };
    if (state === 'success' || output !== '') return [{ ...common, Status: state, ...outputOf(output ?? '') }];
    // A check is critical without output until it has run. Of an allocation that Nomad has judged, it has run.
    return [
      { ...common, ...(DeploymentStatus?.Healthy === false ? { Status: 'failure', Output: UNTOLD } : { Status: 'pending', Output: '' }) },
    ];
  });
}

/** Returns the state in Nomad's words. A warning fails a deployment, unless the spec ignores it. */
function stateOf(status: string | undefined, onUpdate: string | null | undefined): string {
  return status === 'passing' || (status === 'warning' && onUpdate === 'ignore_warnings') ? 'success' : 'failure';
}

/** Splits the output of an HTTP check, `HTTP GET http://10.0.0.1:80/: 503 Service Unavailable Output: no database`, into status and page. */
function outputOf(output: string): Pick<CheckResult, 'StatusCode' | 'Output'> {
  const [, status] = /^HTTP [A-Z]{1,10} \S{1,2000}: (\d{3}) /.exec(output) ?? [];
  const page = output.indexOf(' Output: ');
  return status === undefined || page < 0
    ? { Output: output }
    : { StatusCode: Number(status), Output: output.slice(page + ' Output: '.length) };
}
