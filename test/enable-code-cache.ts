import { enableCompileCache } from 'node:module'

/** The processes that evaluate start several times as fast; `regate serve` does the same. */
enableCompileCache('.regate/cache/code')
