// Two projects: spec/ (in process, no sockets where none is needed) and conformance/ (black box, real clients).
// @swc/jest compiles to CommonJS for the test run only; the product itself is ESM.
// `cookie`, which fastify's inject loads, is published as ESM only.
const swc = (syntax) => ['@swc/jest', { jsc: { parser: { syntax }, target: 'es2022' }, module: { type: 'commonjs' } }]
const transform = { '^.+\\.ts$': swc('typescript'), '/node_modules/cookie/.+\\.js$': swc('ecmascript') }
const transformIgnorePatterns = ['/node_modules/(?!cookie/)']
const common = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: [],
  transform,
  transformIgnorePatterns,
}

export default {
  // A machine that stands still for a while, as those of CI do, is no failure of a test.
  testTimeout: 60_000,
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
