import { expect, test } from '@jest/globals';
import { allocationPage, isJobPage, jobPage, tabOf } from '../../../src/nomad/pages.ts';

const NAMES = { jobId: 'acme/shop', namespace: 'team a', region: undefined };

test.each([
  [jobPage('https://n.example', NAMES), 'https://n.example/ui/jobs/acme%2Fshop@team%20a'],
  [jobPage('https://n.example', { ...NAMES, region: 'eu west' }), 'https://n.example/ui/jobs/acme%2Fshop@team%20a?region=eu%20west'],
  [jobPage('unix:///run/nomad.sock', NAMES), undefined],
  [jobPage(undefined, NAMES), undefined],
  [allocationPage('https://n.example', 'a1', undefined), 'https://n.example/ui/allocations/a1'],
  [allocationPage('https://n.example', 'a1', 'eu'), 'https://n.example/ui/allocations/a1?region=eu'],
  [tabOf('https://n.example/ui/jobs/a@b', 'versions'), 'https://n.example/ui/jobs/a@b/versions'],
  [tabOf('https://n.example/ui/jobs/a@b?region=eu', 'deployments'), 'https://n.example/ui/jobs/a@b/deployments?region=eu'],
])('the page %s', (page, expected) => expect(page).toBe(expected));

test('a page of a job belongs to its address', () => {
  expect(isJobPage('https://n.example/ui/jobs/a@b', 'https://n.example')).toBe(true);
  expect(isJobPage('https://n.example.evil/ui/jobs/a@b', 'https://n.example')).toBe(false);
});
