import { createConfigSchema } from './config-schema.ts'
import { parseSettings } from './parse-settings.ts'
import type { SettingsOptions } from './parse-settings.ts'
import { toConfig } from './to-config.ts'
import type { Config } from './to-config.ts'

/** The complete configuration, frozen deep. Throws `CONFIG_INVALID` as `parseSettings` does. */
export function loadConfig(options: SettingsOptions): Config {
  return toConfig(parseSettings(options, createConfigSchema))
}
