import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/idp/**', 'test/image/**'],
    globalSetup: ['test/offer-compiler.ts', 'test/share-caches.ts'],
    pool: 'forks',
    // A heap that begins small is collected again and again while it grows.
    execArgv: ['--initial-heap-size=256', '--min-semi-space-size=16'],
    // A file waits for other processes most of the time: one for each processor, instead of one less.
    maxWorkers: '100%',
    // A process of its own for each file costs more than the tests in it: the sources keep no state outside what they create.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
