// Two projects: spec/ (in process, no sockets where none is needed) and conformance/ (black box, real clients).
// @swc/jest compiles to CommonJS for the test run only; the product itself is ESM.
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
  ],
}
const common = { rootDir: import.meta.dirname, testEnvironment: 'node', extensionsToTreatAsEsm: [], transform }

export default {
  reporters: ['default', '<rootDir>/scripts/count-reporter.js'],
  projects: [
    { ...common, displayName: 'spec', testMatch: ['<rootDir>/spec/**/*.spec.ts'] },
    {
      ...common,
      displayName: 'conformance',
      testMatch: ['<rootDir>/conformance/**/*.spec.ts'],
      runner: '<rootDir>/scripts/serial-runner.js',
    },
  ],
}
