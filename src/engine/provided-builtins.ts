import { HOST_BUILTINS } from './host-builtins.ts'
import { COMPILER_BUILTINS, NATIVE_BUILTINS } from './native-builtins.ts'

/** Every builtin that a policy may call: what the module brings along, what the host provides, what the compiler resolves. */
export const PROVIDED_BUILTINS: ReadonlySet<string> = new Set([
  ...NATIVE_BUILTINS,
  ...HOST_BUILTINS.keys(),
  ...COMPILER_BUILTINS,
])
