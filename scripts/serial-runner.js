// A Jest runner that takes test files one after the other. The conformance files need it: some share the well-known
// port, and heartbeats and timeouts should be measured on a machine that does one thing at a time.

import Runner from 'jest-runner'

export default class SerialRunner extends Runner {
  isSerial = true
}
