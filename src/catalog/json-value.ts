export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

/** Without a prototype, so that no name from a file means anything else. */
export type JsonObject = { readonly [name: string]: JsonValue }

/** Nesting that is still read; deeper documents are refused. */
export const MAX_DEPTH = 64
