// One project per kind of test: `unit` needs nothing but npm, the others the real parts (see CONTRIBUTING.md).
const project = (name) => ({
  displayName: name,
  testEnvironment: 'node',
  roots: [`<rootDir>/__tests__/${name}`],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/strip-types.cjs' },
  ...(['integration', 'workflows'].includes(name) && {
    globalSetup: '<rootDir>/__tests__/helpers/global-setup.ts',
    globalTeardown: '<rootDir>/__tests__/helpers/global-teardown.ts',
  }),
});

export default {
  projects: ['unit', 'scenario', 'integration', 'workflows'].map(project),
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts'],
};
