import type { Command } from '../inputs/index.ts';
import type { Result, RunRecord } from '../report/index.ts';
import type { Env } from '../runtime/runtime.ts';
import type { Begun } from './begin.ts';

type Way = (begun: Begun & { readonly env: Env }, record: RunRecord) => Promise<Result>;

/** The commands for any event: `init` and `lint` send nothing, and `rehearse` judges the event by rules of its own. */
export const FOR_ANY_EVENT: Readonly<Partial<Record<Command, Way>>> = {
  init: async (begun, { runtime }) => (await import('../commands/init.ts')).init({ ...begun, inputs: begun.units[0].inputs }, runtime),
  lint: async (begun, record) => (await import('./lint.ts')).lintOnly(begun, record),
  rehearse: async (begun, record) => (await import('./rehearsal.ts')).rehearseAll(begun, record),
};

/** The commands about the cluster as a whole, for all apps, changed or not. */
export const ABOUT_CLUSTER: Readonly<Partial<Record<Command, Way>>> = {
  doctor: async (begun, record) => (await import('./examine.ts')).examine(begun, record),
  setup: async (begun, record) => (await import('./set-up.ts')).setUp(begun, record),
};
