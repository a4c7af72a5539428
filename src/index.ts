// What a program that embeds the broker imports; the only file that re-exports. Everything else is internal.

export type { Account, Permission, TopicPermission } from './broker/access/users.ts'
export type { Administration, UserRequest } from './broker/administration.ts'
export { AdministrationError, type AdministrationErrorKind } from './broker/administration-error.ts'
export type { UserLimits, VhostLimits } from './broker/limits.ts'
export type { PolicyDefinition } from './broker/policy.ts'
export type { PolicyRequest } from './broker/policy-rules.ts'
export type { VhostSettings } from './broker/vhost-settings.ts'
export { type Config, configWith } from './config/config.ts'
export { type Leveret, startLeveret } from './leveret.ts'
