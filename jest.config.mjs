// One project per kind of test: `unit` needs nothing but npm, the others the real parts (see CONTRIBUTING.md).
const project = (name, timeout) => ({
  displayName: name,
  testEnvironment: 'node',
  roots: [`<rootDir>/__tests__/${name}`],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/strip-types.cjs' },
  ...timeout,
});

export default {
  projects: ['unit', 'scenario', 'integration', 'workflows'].map((name) => project(name, {})),
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts'],
};
