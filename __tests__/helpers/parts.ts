import { readFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import type { Docker } from '../../scripts/parts/docker.ts';
import type { Nomad } from '../../scripts/parts/nomad.ts';
import type { Registry } from '../../scripts/parts/registry.ts';
import { joinRun, type Run } from '../../scripts/parts/state.ts';

/** The environment variable with a path for each worker of jest: the file that says where its parts are. */
export const PARTS = 'NOMAD_DEPLOY_PARTS';

/** The real parts that all test files of a worker share. */
export interface Parts {
  readonly docker: Omit<Docker, 'stop'>;
  /** With basic auth; both Nomads can pull from it. */
  readonly registry: Omit<Registry, 'stop'>;
  readonly nomad: Omit<Nomad, 'stop'>;
  /** A second cluster, with ACLs. */
  readonly nomadWithAcls: Omit<Nomad, 'stop'>;
  /** Path of the Nomad program, whose name is `nomad`, and its version. */
  readonly nomadBin: string;
  readonly nomadVersion: string;
}

function partsFile(): string {
  const file = process.env[PARTS]?.split(delimiter)[Number(process.env['JEST_WORKER_ID']) - 1];
  if (file === undefined) throw new Error('The real parts were not started: run this test in a project with global-setup.ts');
  return file;
}

/** Where the parts are that global-setup.ts started. Throws outside the jest projects that have it: no test goes without its parts. */
export function parts(): Parts {
  return JSON.parse(readFileSync(partsFile(), 'utf8')) as Parts;
}

/** The run that they were started in, for parts that only one test file needs: they end with it at the latest. */
export function partsRun(): Run {
  return joinRun(dirname(partsFile()));
}
