import { ActionError, toActionError } from '../errors.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Image } from './plan.ts';

/**
 * Throws `input-invalid` when no ready node of the cluster has a processor that the image supports: the container would fail with `exec
 * format error`. Checks nothing if the token may not list nodes (`node:read`), or if the image's processors are unknown.
 */
export async function requireArchitecture({ reference, architectures }: Image, nomad: Nomad, { log }: Runtime): Promise<void> {
  if (architectures.length === 0) return;
  try {
    const others = await nomad.nodes.otherArchitectures(architectures);
    if (others === undefined) return;
    throw new ActionError(
      'input-invalid',
      `the image ${reference} is for ${architectures.join(', ')}, but the nodes of the cluster are ${others.join(', ')}`,
      {
        hint: `Build the image for the nodes: \`platforms: ${others.map((name) => `linux/${name}`).join(',')}\`.`,
      },
    );
  } catch (error) {
    if (toActionError(error).code !== 'permission-denied') throw error;
    log.debug('The token may not list nodes (node:read), so the processor of the image is not checked.');
  }
}
