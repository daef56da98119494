import { existsSync } from 'node:fs';

// One project per kind of test: `unit` needs nothing but npm, the others the real parts (see CONTRIBUTING.md).
const project = (name) => ({
  displayName: name,
  testEnvironment: 'node',
  roots: [`<rootDir>/__tests__/${name}`],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/strip-types.cjs' },
  ...(['integration', 'adversary', 'workflows', 'load', 'signals'].includes(name) && {
    globalSetup: '<rootDir>/__tests__/helpers/global-setup.ts',
    globalTeardown: '<rootDir>/__tests__/helpers/global-teardown.ts',
  }),
});

// jest refuses to run anything while one project's folder is missing; asked for a kind without a folder it still fails.
const kinds = ['unit', 'scenario', 'integration', 'adversary', 'workflows', 'load', 'signals'].filter((name) =>
  existsSync(`${import.meta.dirname}/__tests__/${name}`),
);

export default {
  projects: kinds.map(project),
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts'],
};
