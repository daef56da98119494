import { expect, test } from '@jest/globals';
import { withGroups } from '../../../src/nomad/deployments.ts';
import type { Deployment } from '../../../src/nomad/types.ts';
import { deployment } from '../../helpers/rollouts.ts';

test('a deployment has the states of the groups that have one', () => {
  const whole = deployment('successful', 'Deployment completed successfully');
  const off = { ...whole, TaskGroups: { ...whole.TaskGroups, off: null } } as unknown as Deployment;
  expect(withGroups(off)).toEqual(whole);
  expect(withGroups({ ...whole, TaskGroups: null }).TaskGroups).toEqual({});
});
