// Two regions of Nomad that know one another.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Nomad, startNomad } from '../../scripts/parts/nomad.ts';
import { parts, partsRun } from './parts.ts';

export type Region = 'east' | 'west';
export type Regions = Readonly<Record<Region, Nomad>>;

/** Asks the agent of a region itself; undefined for anything but 200. */
export async function askRegion<T>(
  { address, token }: Pick<Nomad, 'address' | 'token'>,
  path: string,
  method = 'GET',
  body?: object,
): Promise<T | undefined> {
  const init = { method, headers: { 'x-nomad-token': token }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await fetch(`${address}${path}`, init);
  return response.ok ? ((await response.json()) as T) : undefined;
}

/** Starts an agent in each region, with ACLs of its own where wanted, and resolves when the one in the east reaches the one in the west. */
export async function startRegions({ acl = false } = {}): Promise<Regions> {
  const start = async (region: Region): Promise<Nomad> =>
    startNomad(partsRun(), {
      docker: parts().docker,
      acl,
      config: `region = "${region}"\nserver {\n  authoritative_region = "${region}"\n}\n`,
    });
  const [east, west] = await Promise.all([start('east'), start('west')]);
  const { Members: [member] = [] } = (await askRegion<{ Members: { Addr: string; Port: number }[] }>(west, '/v1/agent/members')) ?? {};
  await askRegion(east, `/v1/agent/join?address=${member?.Addr}:${member?.Port}`, 'POST');
  while ((await askRegion(east, '/v1/status/leader?region=west')) === undefined) await sleep(100);
  return { east, west };
}

export async function stopRegions(regions: Regions | undefined): Promise<void> {
  for (const { stop } of Object.values(regions ?? {})) await stop();
}
