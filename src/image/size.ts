import type { Runtime } from '../runtime/runtime.ts';
import { argumentsOf, localId, repositoryOf, textAt, valueAt } from '../text/index.ts';
import { runBuildx } from './buildx.ts';
import type { Image } from './plan.ts';

/** The bytes of the compressed layers by platform, `linux/amd64`; `unknown` for an image of one platform that nothing tells. */
export type Sizes = Readonly<Record<string, number>>;

/** The most platforms of an index that are read. */
const MAX_PLATFORMS = 8;

/** The longest look, in milliseconds. */
const LOOK_MS = 10_000;

/** Reads the sizes of an image by its manifests. Returns undefined for an image of the local engine, which no node pulls, and where the registry does not tell. */
export async function sizesOf(
  { reference, architectures, environment }: Image,
  over: AbortSignal,
  runtime: Runtime,
): Promise<Sizes | undefined> {
  if (localId(reference) !== undefined) return undefined;
  const signal = AbortSignal.any([over, runtime.signal, runtime.clock.timeout(LOOK_MS)]);
  const read = async (image: string): Promise<unknown> => {
    const args = argumentsOf(['imagetools', 'inspect'], ['--raw'], [image]);
    const { code, stdout } = await runBuildx(args, 'any', { cwd: runtime.workspace, env: environment, signal }, runtime);
    return code === 0 ? JSON.parse(stdout) : undefined;
  };
  try {
    const manifest = await read(reference);
    const [architecture, ...others] = architectures;
    const only = architecture === undefined || others.length > 0 ? 'unknown' : `linux/${architecture}`;
    const all = platformsIn(manifest).slice(0, MAX_PLATFORMS);
    const sizes = await Promise.all(
      all.map(async ([platform, digest]) => [platform, layersSize(await read(`${repositoryOf(reference)}@${digest}`))] as const),
    );
    const known = [...sizes, [only, layersSize(manifest)] as const].flatMap(([name, size]) =>
      size === undefined ? [] : [[name, size] as const],
    );
    return known.length === 0 ? undefined : Object.fromEntries<number>(known);
  } catch (error) {
    runtime.log.debug(`The size of ${reference} is not known: ${String(error)}`);
    return undefined;
  }
}

/** Returns the platforms of an index with their manifests; none for the manifest of one image. Attestations have no platform. */
export function platformsIn(index: unknown): (readonly [platform: string, digest: string])[] {
  const manifests = valueAt(index, 'manifests');
  return (Array.isArray(manifests) ? manifests : []).flatMap((manifest: unknown) => {
    const [os, architecture, variant] = ['os', 'architecture', 'variant'].map((name) => textAt(manifest, 'platform', name));
    const digest = textAt(manifest, 'digest');
    if (os === undefined || os === 'unknown' || digest === undefined) return [];
    return [[[os, architecture, variant].filter((part) => part !== undefined).join('/'), digest] as const];
  });
}

/** Returns the bytes of the layers of a manifest; undefined for anything else. */
export function layersSize(manifest: unknown): number | undefined {
  const layers = valueAt(manifest, 'layers');
  if (!Array.isArray(layers)) return undefined;
  return layers.reduce((sum: number, layer: unknown) => {
    const size = valueAt(layer, 'size');
    return sum + (typeof size === 'number' && size > 0 ? size : 0);
  }, 0);
}
