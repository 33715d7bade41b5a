import { readFileSync, writeFileSync } from 'node:fs'
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

type Records = Map<string, AdapterPayload>

/** What the provider issued, in a file: it outlives the process, as a database does. */
export function createFileAdapter(file: string): AdapterFactory {
  const records = readRecords(file)
  const save = (): void => writeFileSync(file, JSON.stringify([...records]))
  return (model) => toAdapter(`${model}:`, records, save)
}

function readRecords(file: string): Records {
  try {
    return new Map(JSON.parse(readFileSync(file, 'utf8')) as Iterable<[string, AdapterPayload]>)
  } catch {
    return new Map()
  }
}

function toAdapter(prefix: string, records: Records, save: () => void): Adapter {
  const findBy = (fits: (record: AdapterPayload) => boolean): Promise<AdapterPayload | undefined> =>
    Promise.resolve([...records].find(([key, record]) => key.startsWith(prefix) && fits(record))?.[1])
  return {
    upsert: async (id, record) => {
      records.set(prefix + id, record)
      save()
    },
    find: async (id) => records.get(prefix + id),
    findByUserCode: (userCode) => findBy((record) => record.userCode === userCode),
    findByUid: (uid) => findBy((record) => record.uid === uid),
    consume: async (id) => {
      const record = records.get(prefix + id)
      if (record) records.set(prefix + id, { ...record, consumed: Math.floor(Date.now() / 1000) })
      save()
    },
    destroy: async (id) => {
      records.delete(prefix + id)
      save()
    },
    revokeByGrantId: async (grantId) => {
      for (const [key, record] of records) if (record.grantId === grantId) records.delete(key)
      save()
    },
  }
}
