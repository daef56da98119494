import { keysOf } from '../../text/index.ts';
import { BASICS } from './basics.ts';
import { CLUSTER } from './cluster.ts';
import type { Facts, Input } from './entry.ts';
import { IMAGE } from './image.ts';
import { JOB, SECRETS } from './job.ts';
import { REPORTING } from './reporting.ts';
import { ROLLOUT } from './rollout.ts';
import { SINGLE } from './single.ts';
import { TARGET } from './target.ts';
import { TERMINAL } from './terminal.ts';

export type { Facts, From, Input, Key, Type } from './entry.ts';

/** The parts of the table that are inputs of the action, by their titles in the reference. */
export const SECTIONS = {
  'What to do': BASICS,
  Cluster: CLUSTER,
  Target: TARGET,
  Image: IMAGE,
  'Job spec': JOB,
  Secrets: SECRETS,
  Rollout: ROLLOUT,
  Reporting: REPORTING,
  'For single commands': SINGLE,
} as const;

const TABLE = { ...BASICS, ...CLUSTER, ...TARGET, ...IMAGE, ...JOB, ...SECRETS, ...ROLLOUT, ...REPORTING, ...SINGLE, ...TERMINAL };

/** The table by its literal types, of which the types of the values are made. */
export type Table = typeof TABLE;
export type InputName = keyof Table;

/**
 * All inputs: their names, types and defaults, action.yml, the inputs of the reusable workflow, the keys and the JSON Schema of the configuration file, the
 * settings list and the reference come from this table.
 */
export const INPUTS: Readonly<Record<InputName, Facts>> = TABLE;

/** The same with its words, for the scripts. */
export const DESCRIBED: Readonly<Record<InputName, Input>> = TABLE;

/** The names of all inputs, and after them of the options that only the terminal program has. */
export const optionNames = keysOf(INPUTS);

/** The names of all inputs of the action, in the order of action.yml. */
export const inputNames = optionNames.filter((name) => INPUTS[name].terminal !== true);

export const isInput = (name: string): name is InputName => Object.hasOwn(INPUTS, name);
