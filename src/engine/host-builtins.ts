import type { Builtin } from './builtins/builtin.ts'
import { certificateBuiltins } from './builtins/certificate-builtins.ts'
import { digestBuiltins } from './builtins/digest-builtins.ts'
import { graphBuiltins } from './builtins/graph.ts'
import { jsonSchemaBuiltins } from './builtins/json-schema/json-schema-builtins.ts'
import { jsonBuiltins } from './builtins/json/json-builtins.ts'
import { netBuiltins } from './builtins/net.ts'
import { numberBuiltins } from './builtins/numbers.ts'
import { printBuiltins } from './builtins/print.ts'
import { semverBuiltins } from './builtins/semver.ts'
import { textBuiltins } from './builtins/text-builtins.ts'
import { timeBuiltins } from './builtins/time.ts'
import { tokenBuiltins } from './builtins/token-builtins.ts'
import { unitBuiltins } from './builtins/units.ts'
import { uriBuiltins } from './builtins/uri.ts'
import { urlQueryBuiltins } from './builtins/url-query.ts'
import { uuidBuiltins } from './builtins/uuid.ts'
import { yamlBuiltins } from './builtins/yaml/yaml-builtins.ts'

/**
 * The builtins that the engine provides beside those that the module brings along. Whatever is missing here does not
 * compile: none of these has a meaning other than OPA's, because the answer to a request hangs on it.
 */
export const HOST_BUILTINS: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({
    ...certificateBuiltins,
    ...digestBuiltins,
    ...graphBuiltins,
    ...jsonBuiltins,
    ...jsonSchemaBuiltins,
    ...netBuiltins,
    ...numberBuiltins,
    ...printBuiltins,
    ...semverBuiltins,
    ...textBuiltins,
    ...timeBuiltins,
    ...tokenBuiltins,
    ...unitBuiltins,
    ...uriBuiltins,
    ...urlQueryBuiltins,
    ...uuidBuiltins,
    ...yamlBuiltins,
  }),
)
