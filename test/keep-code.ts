import { resolve } from 'node:path'

/** The processes that the tests start load what they ran before as compiled code: two to three times as fast. */
export function setup(): void {
  process.env['NODE_COMPILE_CACHE'] ??= resolve('.regate/cache/code')
}
