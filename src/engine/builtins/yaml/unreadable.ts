/** Why a YAML text has no value; never leaves the reader. */
export class Unreadable extends Error {}
