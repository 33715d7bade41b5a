import type { BuiltinTable } from './builtin.ts'
import { sprintf } from './format/sprintf.ts'
import { patternBuiltins } from './patterns/pattern-builtins.ts'
import { renderTemplate } from './template/render-template.ts'
import { searchBuiltins } from './text/search-builtins.ts'
import { readText } from './text/read-text.ts'

/** OPA's builtins for texts and patterns that a module leaves to its host. */
export const textBuiltins: BuiltinTable = {
  ...searchBuiltins,
  ...patternBuiltins,
  sprintf,
  'strings.render_template': renderTemplate,
  trace([note], { print }) {
    const text = readText(note)
    if (text === undefined) return undefined
    print?.(text)
    return true
  },
}
