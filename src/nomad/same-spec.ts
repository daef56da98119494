import { isDeepStrictEqual } from 'node:util';
import type { RegisteredJob } from './types.ts';

/** The fields of a version that are no part of its spec: `SpecChanged` of nomad/structs/structs.go, and the tag, which Nomad drops when it goes back. */
const NO_SPEC = {
  Status: '',
  StatusDescription: '',
  Stable: false,
  Version: 0,
  CreateIndex: 0,
  ModifyIndex: 0,
  JobModifyIndex: 0,
  SubmitTime: 0,
  VersionTag: null,
};

/** Returns whether two versions of a job have the same spec, so that Nomad makes no new version of one when it goes back to the other. */
export function hasSameSpec(one: RegisteredJob, other: RegisteredJob): boolean {
  return isDeepStrictEqual({ ...one, ...NO_SPEC }, { ...other, ...NO_SPEC });
}
