// The names of HCL for the parts of a job, each with its field of the API. A name that is not here has the field of the same letters: `min_healthy_time` is
// `MinHealthyTime`. See https://developer.hashicorp.com/nomad/docs/job-specification

import { JOB_FIELDS } from '../job-fields.ts';
import { foldCase } from '../job-shape.ts';

/** Names of HCL that are not those of the API, by the struct that holds the field. */
const OTHER: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Job: {
    group: 'TaskGroups',
    constraint: 'Constraints',
    affinity: 'Affinities',
    spread: 'Spreads',
    parameterized: 'ParameterizedJob',
  },
  TaskGroup: {
    task: 'Tasks',
    constraint: 'Constraints',
    affinity: 'Affinities',
    spread: 'Spreads',
    volume: 'Volumes',
    network: 'Networks',
    service: 'Services',
    restart: 'RestartPolicy',
    reschedule: 'ReschedulePolicy',
  },
  Task: {
    constraint: 'Constraints',
    affinity: 'Affinities',
    service: 'Services',
    restart: 'RestartPolicy',
    logs: 'LogConfig',
    artifact: 'Artifacts',
    template: 'Templates',
    volume_mount: 'VolumeMounts',
    csi_plugin: 'CSIPluginConfig',
    secret: 'Secrets',
    action: 'Actions',
  },
  SidecarTask: { logs: 'LogConfig', volume_mount: 'VolumeMounts' },
  Service: { check: 'Checks', port: 'PortLabel', task: 'TaskName' },
  ServiceCheck: { port: 'PortLabel', task: 'TaskName' },
  Resources: {
    memory: 'MemoryMB',
    memory_max: 'MemoryMaxMB',
    secrets: 'SecretsMB',
    disk: 'DiskMB',
    network: 'Networks',
    device: 'Devices',
  },
  EphemeralDisk: { size: 'SizeMB' },
  Template: { source: 'SourcePath', destination: 'DestPath', data: 'EmbeddedTmpl', env: 'Envvars', left_delimiter: 'LeftDelim' },
  TaskArtifact: { source: 'GetterSource', destination: 'RelativeDest', mode: 'GetterMode' },
  PeriodicConfig: { cron: 'Spec', crons: 'Specs' },
  Constraint: { attribute: 'LTarget', value: 'RTarget', operator: 'Operand' },
  ConsulConnect: {},
};

/** The field of the API that a name of HCL means, and the kind of its value. */
export interface Field {
  readonly name: string;
  readonly kind: string;
}

const FIELDS = new Map(
  Object.entries(JOB_FIELDS).map(([struct, fields]) => [
    struct,
    new Map(Object.entries(fields).map(([name, kind]) => [foldCase(name), { name, kind }])),
  ]),
);

/** Returns the field of a struct by its name in HCL; undefined for one that is not known. */
export function fieldOf(struct: string, name: string): Field | undefined {
  const other = Object.hasOwn(OTHER, struct) && Object.hasOwn(OTHER[struct] ?? {}, name) ? OTHER[struct]?.[name] : undefined;
  return FIELDS.get(struct)?.get(foldCase(other ?? name.replaceAll('_', '')));
}
