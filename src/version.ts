// The version of this package; a spec holds it against package.json.

/** Leveret's version. */
export const VERSION = '0.1.0'
