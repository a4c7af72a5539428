// What a program that embeds the broker imports; the only file that re-exports. Everything else is internal.

export { type Config, configWith } from './config/config.ts'
export { type Leveret, startLeveret } from './leveret.ts'
