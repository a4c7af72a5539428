// How properties of queues are tried: so many cases, always the same ones. (spec/support/arbitraries.ts says the same, but
// takes seconds to load, for it knows all of Unicode.)

/** Parameters of a property: a failure of today is a failure of tomorrow. */
export const cases = (numRuns: number): { numRuns: number; seed: number } => ({ numRuns, seed: 91 })
