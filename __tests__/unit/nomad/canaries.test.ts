import { describe, expect, test } from '@jest/globals';
import { mayWaitForPromotion, unpromotedGroups, waitsForPerson, wantsPromotion } from '../../../src/nomad/canaries.ts';
import type { Deployment, DeploymentState, RegisteredJob } from '../../../src/nomad/types.ts';
import { deployment } from '../../helpers/rollouts.ts';

const state = (parts: Partial<DeploymentState> = {}): DeploymentState => ({
  DesiredTotal: 2,
  DesiredCanaries: 1,
  PlacedAllocs: 1,
  HealthyAllocs: 1,
  UnhealthyAllocs: 0,
  Promoted: false,
  AutoPromote: false,
  ...parts,
});
const of = (TaskGroups: Record<string, DeploymentState>, Status = 'running'): Deployment => ({ ...deployment(Status, ''), TaskGroups });
const plain = state({ DesiredCanaries: 0 });

describe('canaries that are not promoted', () => {
  test('are those of groups with some', () =>
    expect(unpromotedGroups(of({ web: state(), api: state({ Promoted: true }), plain }))).toEqual(['web']));

  test.each<[string, Deployment, readonly string[] | undefined, boolean]>([
    ['healthy', of({ web: state(), plain }), undefined, true],
    ['not healthy', of({ web: state({ HealthyAllocs: 0 }) }), undefined, false],
    ['one of two healthy', of({ web: state(), api: state({ HealthyAllocs: 0 }) }), undefined, false],
    ['the asked one healthy', of({ web: state(), api: state({ HealthyAllocs: 0 }) }), ['web'], true],
    ['another one asked', of({ web: state(), api: state({ HealthyAllocs: 0 }) }), ['api'], false],
    ['promoted', of({ web: state({ Promoted: true }) }), undefined, false],
    ['promoted by Nomad', of({ web: state({ AutoPromote: true }) }), undefined, false],
    // Nomad promotes by itself only where all groups say so, also those that are promoted.
    ['left after a manual group', of({ web: state({ AutoPromote: true }), api: state({ Promoted: true }) }), undefined, true],
    ['none', of({ plain }), undefined, false],
    ['paused', of({ web: state() }, 'paused'), undefined, false],
    ['failed', of({ web: state() }, 'failed'), undefined, false],
  ])('%s', (_name, found, groups, wanted) => expect(wantsPromotion(found, groups)).toBe(wanted));

  test('of a paused deployment wait for a person from their placement on', () => {
    expect(waitsForPerson(of({ web: state({ HealthyAllocs: 0 }) }, 'paused'))).toBe(true);
    expect(waitsForPerson(of({ web: state({ PlacedAllocs: 0, HealthyAllocs: 0 }) }, 'paused'))).toBe(false);
    expect(waitsForPerson(of({ web: state({ Promoted: true }) }, 'paused'))).toBe(false);
    expect(waitsForPerson(of({ web: state() }, 'cancelled'))).toBe(false);
    expect(waitsForPerson(undefined)).toBe(false);
  });
});

describe('a version may have canaries that wait', () => {
  const job = (parts: Partial<RegisteredJob>): RegisteredJob => ({
    ...{ ID: 'web', Name: 'web', Version: 1, Stop: false, Status: 'running', JobModifyIndex: 9 },
    TaskGroups: [{ Name: 'g', Update: { Canary: 1, AutoPromote: false } }],
    ...parts,
  });
  test.each<[string, RegisteredJob, boolean]>([
    ['by its group', job({}), true],
    ['by its job', job({ Update: { Canary: 2 }, TaskGroups: [{ Name: 'g' }] }), true],
    ['but was healthy', job({ Stable: true }), false],
    ['but is stopped', job({ Stop: true }), false],
    ['but has none', job({ TaskGroups: [{ Name: 'g' }] }), false],
    ['but Nomad promotes them', job({ TaskGroups: [{ Name: 'g', Update: { Canary: 1, AutoPromote: true } }] }), false],
  ])('%s', (_name, given, wanted) => expect(mayWaitForPromotion(given)).toBe(wanted));
});
