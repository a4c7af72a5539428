// The exit codes of the command line, after sysexits(3) and as rabbitmqctl uses them: what scripts and service units
// decide by. Knows no command.

/** Exit codes; those below 64 are Leveret's own. */
export const exitCode = {
  ok: 0,
  /** A check was made, and what it looked at is not well. */
  failedCheck: 1,
  /** Some of what was asked for was done, and some failed. */
  partial: 3,
  /** The command was used wrongly: unknown command, unknown or bad flag. */
  usage: 64,
  /** What is stored or was given cannot be read, or what is named is not there. */
  data: 65,
  /** A file that is to be read cannot be. */
  noInput: 66,
  /** There is no such user. */
  noUser: 67,
  /** Something that is needed is held by somebody else or does not answer: the port, the data directory, the broker. */
  unavailable: 69,
  /** A fault of Leveret's own. */
  software: 70,
  /** The disk refuses: full, broken. */
  io: 74,
  /** It took too long; trying again may help. */
  temporary: 75,
  /** It is not allowed: by the operating system, or by the broker for this user. */
  noPermission: 77,
  /** A setting from a file or the environment cannot be used. */
  config: 78,
} as const
