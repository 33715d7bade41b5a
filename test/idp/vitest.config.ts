import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/idp/*.test.ts'],
    globalSetup: ['test/offer-compiler.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    // The first run downloads Keycloak.
    hookTimeout: 400_000,
  },
})
