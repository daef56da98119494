import { existingError, lastError, requireDocker } from '../docker-error.ts';
import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { build } from './build.ts';
import { login } from './login.ts';
import { type ImagePlan, splitReference } from './plan.ts';

export { type BuildFiles, type ImagePlan, planImage } from './plan.ts';

/** The image that the job runs. */
export interface Image {
  /** Always by content: `name@sha256:…`, or `name:sha256-…` for one that is in the local engine only; empty without an image. */
  readonly reference: string;
  readonly digest: string | undefined;
  readonly built: boolean;
}

/**
 * Carries an image plan out: logs in to the registry, builds and pushes with docker buildx, and reads the digest back; or looks up the
 * digest of an existing image. Throws `build-failed` with the line of the Dockerfile, `registry-denied`, or `image-not-found`.
 */
export async function resolveImage(plan: ImagePlan, inputs: Inputs, runtime: Runtime): Promise<Image> {
  if (plan.kind === 'none') return { reference: '', digest: undefined, built: false };
  const reference = plan.kind === 'build' ? plan.name : plan.reference;
  const known = /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1];
  if (known !== undefined) return { reference, digest: known, built: false };
  const env = inputs.push && inputs.registryPassword !== undefined ? await login(inputs, runtime) : {};
  if (plan.kind === 'existing') return existing(reference, inputs.push, env, runtime);
  const digest = await build(plan, inputs, env, runtime);
  runtime.log.info(`Built ${plan.name}@${digest}`);
  if (inputs.push) return { reference: `${plan.name}@${digest}`, digest, built: true };
  return { reference: await tagLocally(plan.tags[0] ?? digest, digest, env, runtime), digest, built: true };
}

async function existing(reference: string, remote: boolean, env: Record<string, string>, runtime: Runtime): Promise<Image> {
  const { name } = splitReference(reference);
  const looked = remote
    ? await runtime.exec(['docker', 'buildx', 'imagetools', 'inspect', reference, '--format', '{{.Manifest.Digest}}'], {
        cwd: runtime.workspace,
        env,
      })
    : await runtime.exec(['docker', 'image', 'inspect', reference, '--format', '{{.Id}}'], { cwd: runtime.workspace, env });
  requireDocker(looked);
  const digest = /^sha256:[0-9a-f]{64}$/m.exec(looked.stdout)?.[0];
  if (looked.code !== 0 || digest === undefined) throw existingError(looked, reference);
  if (remote) return { reference: `${name}@${digest}`, digest, built: false };
  return { reference: await tagLocally(reference, digest, env, runtime), digest, built: false };
}

/** A local image has no digest that a node could ask for; its id, as a tag, names the content just as well. */
async function tagLocally(tag: string, digest: string, env: Record<string, string>, runtime: Runtime): Promise<string> {
  const reference = `${splitReference(tag).name}:${digest.replace(':', '-')}`;
  const result = await runtime.exec(['docker', 'tag', tag, reference], { cwd: runtime.workspace, env });
  if (result.code !== 0) throw new ActionError('build-failed', `docker tag failed: ${lastError(result)}`);
  return reference;
}
