// The record of the hooks that ran: a Nomad variable below the path of the job, since it has to outlive the versions of the job.
import { createHash } from 'node:crypto';
import { sentence, toActionError } from '../errors.ts';
import type { AskedHook } from '../inputs/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Variable } from '../nomad/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { isVariablePath, put, variablePath } from '../secrets/index.ts';
import { type Claim, judgeVariable, OWNER_ITEM, recordItem } from '../target/index.ts';
import { isDigest, localId, parseReference } from '../text/index.ts';
import type { Model } from './model.ts';

/** The most keys that are kept of each kind of hook. */
const MAX_KEYS = 100;
const HEX = 16;

/** Returns the path of the record. No group can be called `~hooks` in a template, so that the variable is of no group. */
export function recordPath(jobId: string): string {
  return variablePath(jobId, ['~hooks']);
}

/**
 * Returns the key of a hook: of its kind, its command and the image. Undefined for a task whose content the spec does not fix, such as an image by its tag
 * alone: nothing then says that the same content ran before.
 */
export function hookKey({ kind, hook }: AskedHook, { task }: Model): string | undefined {
  const image = task.Config?.['image'];
  const content = typeof image === 'string' ? digestOf(image) : JSON.stringify([task.Driver, task.Config ?? {}, task.Artifacts ?? []]);
  if (content === undefined) return undefined;
  return createHash('sha256')
    .update(JSON.stringify([kind, hook.command, content]))
    .digest('hex')
    .slice(0, HEX);
}

function digestOf(image: string): string | undefined {
  const digest = parseReference(image)?.digest;
  return digest !== undefined && isDigest(digest) ? digest : localId(image);
}

/** Returns whether a hook ran before; undefined, with a notice where `tell` is given, where the record can't be read. */
export async function ranBefore(asked: AskedHook, key: string, place: Place, tell?: (text: string) => void): Promise<boolean | undefined> {
  const read = await readRecord(place, tell);
  return read === 'unread' ? undefined : keysOf(read, asked.kind).includes(key);
}

interface Place {
  readonly jobId: string;
  readonly namespace: string;
  readonly nomad: Nomad;
}

async function readRecord({ jobId, namespace, nomad }: Place, tell?: (text: string) => void): Promise<Variable | undefined | 'unread'> {
  const path = recordPath(jobId);
  if (!isVariablePath(path)) return undefined;
  try {
    return await nomad.variables.read(path, namespace);
  } catch (error) {
    const problem = toActionError(error);
    if (problem.code !== 'permission-denied') throw error;
    tell?.(`The record of the hooks of ${jobId} cannot be read, so that they run at each deploy: ${sentence(problem)}`);
    return 'unread';
  }
}

function keysOf(record: Variable | undefined, kind: string): string[] {
  return (record?.Items?.[kind] ?? '').split(' ').filter((key) => key !== '');
}

/** The number of tries for a record that another run writes at the same time. */
const ATTEMPTS = 3;

/** Records that a hook ran. A record that can't be written is a notice, since the hook itself succeeded. */
export async function recordRun(asked: AskedHook, key: string, place: Place & { readonly claim: Claim }, { log }: Runtime): Promise<void> {
  const { jobId, namespace, nomad, claim } = place;
  const path = recordPath(jobId);
  try {
    for (let attempt = 0; attempt < ATTEMPTS && isVariablePath(path); attempt++) {
      const before = await nomad.variables.read(path, namespace);
      const items = before?.Items ?? {};
      const use = { path, jobId, hasSecrets: false, registered: true, isRead: false, isOnly: false };
      const verdict = judgeVariable(items, use, claim, 'replace');
      if (!verdict.may) return log.notice(sentence(verdict.refusal));
      const keys = [key, ...keysOf(before, asked.kind).filter((one) => one !== key)].slice(0, MAX_KEYS);
      const next = { ...items, [asked.kind]: keys.join(' '), [OWNER_ITEM]: recordItem(jobId, claim.owner) };
      if ((await put(nomad, { path, namespace }, next, before?.ModifyIndex ?? 0)) !== undefined) return;
    }
  } catch (error) {
    log.notice(
      `The run of ${asked.kind} could not be recorded, so that it runs again at the next deploy: ${sentence(toActionError(error))}`,
    );
  }
}
