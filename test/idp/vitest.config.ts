import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/idp/*.test.ts'],
    globalSetup: ['test/offer-compiler.ts'],
    pool: 'forks',
    // Keycloak takes its time to start while the others are tested.
    maxWorkers: 2,
    testTimeout: 120_000,
    // The first run downloads Keycloak.
    hookTimeout: 400_000,
  },
})
