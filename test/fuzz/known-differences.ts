/**
 * Rules of test/fuzz/policies whose native builtin answers otherwise in WebAssembly than in `opa eval`, by `policy: rule`.
 * They are compared with the SDK only. Source: OPA 1.22.2; docs/compatibility of the target.
 */
export const KNOWN_DIFFERENCES: ReadonlyMap<string, string> = new Map([])
