import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import zoneNames from '../../../src/engine/builtins/zone-names.json' with { type: 'json' }
import { makeZoneNames } from './make-zone-names.ts'

const FOLDER = '/usr/share/zoneinfo'
const EDITION = '# version 2025b\n'
const list = await readFile(`${FOLDER}/tzdata.zi`, 'utf8').catch(() => '')
const lines = list.split('\n')

it.skipIf(!list.startsWith(EDITION) || !lines.includes('# ddeps backzone zone.tab'))(
  'abbreviations are those of the zone database 2025b, with all its history (Debian, tzdata; other editions skip this)',
  () => {
    expect(makeZoneNames(FOLDER)).toEqual(zoneNames)
  },
)
