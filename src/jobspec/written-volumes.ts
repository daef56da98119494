import { type HclBlock, parseHclLiteral, readBlocks } from '../text/index.ts';
import { linesAsLists, parseNamedVolume, type Values } from './built-in/index.ts';
import type { SpecFile } from './types.ts';

/**
 * Returns the rights for the volumes of a spec as far as it writes them out, in the form of `needsOf` of `nomad/`. Only the cluster's parser knows a source that
 * is an expression, or a spec in JSON or YAML.
 */
export function writtenVolumes({ builtIn, format, text }: SpecFile, given: Values): string[] {
  if (builtIn) return [...named('HOST_VOLUMES', 'host', given), ...named('CSI_VOLUMES', 'csi', given)];
  if (format !== 'hcl') return [];
  return [...new Set(volumesIn(readBlocks(text)))];
}

/** Returns the rights for the volumes of a variable of the built-in template. A value that is no list is the renderer's to refuse. */
function named(variable: string, kind: 'host' | 'csi', given: Values): string[] {
  const value = given[variable];
  if (value === undefined) return [];
  try {
    const list = typeof value === 'string' ? parseHclLiteral(linesAsLists({ [variable]: value })[variable] ?? '[]') : value;
    const volumes = (Array.isArray(list) ? list : []).map((item) => parseNamedVolume(String(item), kind));
    return [...new Set(volumes.flatMap(({ name, readOnly }) => needs(kind, name, readOnly)))];
  } catch {
    return [];
  }
}

function volumesIn({ type, attributes, blocks }: HclBlock): string[] {
  const textOf = (name: string): string | undefined =>
    /=\s*"?([^"\n]*)"?$/.exec(attributes.find((one) => one.name === name)?.text ?? '')?.[1]?.trim();
  const source = textOf('source');
  if (type !== 'volume' || source === undefined || source.includes('${')) return blocks.flatMap(volumesIn);
  return needs(textOf('type') === 'csi' ? 'csi' : 'host', source, textOf('read_only') === 'true');
}

const needs = (kind: 'host' | 'csi', source: string, readOnly: boolean): string[] =>
  kind === 'csi' ? ['csi-mount-volume', 'plugin:read'] : [`host_volume "${source}" ${readOnly ? 'read' : 'write'}`];
