// What is remembered of bad practice.

import { Findings } from '../../src/testing/findings.ts'

describe('findings', () => {
  it('are kept once each, and only so many', () => {
    const findings = new Findings(3)
    findings.add(['a', 'b', 'a'])
    findings.add(new Set(['b', 'c', 'd']))
    findings.add(['e'])
    expect(findings.lines).toEqual(['a', 'b', 'c'])
    expect(new Findings().lines).toEqual([])
  })
})
