import type { OtherApp } from './create-trial-routing.ts'
import type { AppRecords } from './next-records.ts'
import type { WantedApp } from './wanted-app.ts'

/** All apps of a folder but the named one, as the folder has them, built or not; an annotation that cannot be read is as it was. */
export function toOtherApps(
  name: string,
  apps: readonly WantedApp[],
  records: AppRecords,
): readonly OtherApp[] {
  const others = apps.filter((app) => app.name !== name)
  return others.map(({ name: other, annotation: read, isUnread }) => {
    const record = records.get(other)
    const annotation = isUnread && record !== undefined ? record.annotation : read
    const emittable = [...annotation.headers, ...(record?.app.emittableNames ?? [])]
    return { name: other, annotation, emittable }
  })
}
