// The faults: what happens to the cluster, or to the way to it, during a run of the action.
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../parts/observing.ts';
import { SPOILERS, type Spoiler, spoiling } from './spoil.ts';
import type { Moment, Shape, Stage } from './stage.ts';

export interface Kind {
  /** The server that the run talks to; any by default. */
  readonly at?: 'follower';
  /** The versions that the run may deploy; all by default. */
  readonly shapes?: readonly Shape[];
  /** Happens once, at a random moment of the run. */
  readonly act?: (stage: Stage) => Promise<void>;
  /** Spoils requests, by a proxy. The time is that since the begin of the run, in milliseconds. */
  readonly proxy?: (stage: Stage, moment: Moment) => Fault;
  /** The way of the run to the proxy or the server, where it is not the plain one. */
  readonly way?: 'tls' | 'name' | 'token' | 'clock';
  /** The run may end without a verdict, because nothing lets it read one. */
  readonly blind?: boolean;
}

const pick = <T>(random: () => number, all: readonly T[]): T => {
  const one = all[Math.floor(random() * all.length)];
  if (one === undefined) throw new Error('there is nothing to choose from');
  return one;
};

/** Spoils most requests for a time. */
const burst =
  (spoiler: Spoiler): NonNullable<Kind['proxy']> =>
  ({ at, random }, { fromMs, toMs, nowMs }) => {
    const share = 0.4 + 0.6 * random();
    return spoiling(at.address, spoiler, () => nowMs() >= fromMs && nowMs() < toMs && random() < share);
  };

/** Loses the first answers of a write, which takes effect or not, and then all answers for a time. */
const losing =
  (call: RegExp): NonNullable<Kind['proxy']> =>
  ({ at, random }, { fromMs, toMs, nowMs }) => {
    const silentMs = random() < 0.5 ? toMs - fromMs : 0;
    let [left, untilMs] = [1 + Math.floor(2 * random()), 0];
    const hits = ({ method = '', url = '' }: IncomingMessage): boolean => {
      if (nowMs() < untilMs) return true;
      if (left === 0 || !call.test(`${method} ${url}`)) return false;
      left -= 1;
      untilMs = nowMs() + silentMs;
      return true;
    };
    return spoiling(at.address, random() < 0.6 ? SPOILERS['lost-answer'] : SPOILERS['reset-connect'], hits);
  };

const COUNTED = Object.entries(SPOILERS).filter(([name]) => name !== 'lost-answer');

export const KINDS: Readonly<Record<string, Kind>> = {
  'leader-killed': { at: 'follower', act: async ({ cluster }) => (await cluster.leader()).kill() },
  'leader-frozen': {
    act: async ({ cluster }) => {
      const leader = await cluster.leader();
      leader.freeze();
      await sleep(20_000);
      leader.thaw();
    },
  },
  'servers-restarted': {
    act: async ({ cluster: { servers } }) => {
      for (const server of servers) server.kill();
      await sleep(2_000);
      for (const server of servers) server.start();
    },
  },
  'client-killed': { act: async ({ cluster: { clients }, random }) => pick(random, clients).kill() },
  'client-cut-off': {
    act: async ({ cluster: { clients }, random }) => {
      const client = pick(random, clients);
      client.freeze();
      await sleep(12_000);
      client.thaw();
    },
  },
  'address-dies': {
    at: 'follower',
    act: async ({ at }) => {
      at.kill();
      await sleep(10_000);
      at.start();
    },
  },
  ...Object.fromEntries(COUNTED.map(([name, spoiler]): [string, Kind] => [name, { proxy: burst(spoiler) }])),
  'lost-registration': { proxy: losing(/^(PUT|POST) \/v1\/jobs(\?|$)/) },
  'lost-variable': { proxy: losing(/^PUT \/v1\/var\//) },
  'lost-promotion': { shapes: ['canary'], proxy: losing(/\/v1\/deployment\/promote\//) },
  'lost-revert': { shapes: ['reverting'], proxy: losing(/\/v1\/job\/[^/]+\/revert/) },
  'lost-failing': { shapes: ['broken'], proxy: losing(/\/v1\/deployment\/fail\//) },
  'tls-failure': { way: 'tls' },
  'name-unresolved': { way: 'name' },
  'token-expired': { way: 'token', blind: true },
  'clock-steps': { way: 'clock' },
};
