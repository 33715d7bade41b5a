import { describe, expect, it } from 'vitest'
import { createReload } from '../../src/catalog/reload.ts'
import { until } from './catalog-bed.ts'

/** A look that lasts until it is told to end. */
function slowLook() {
  const ends: Array<() => void> = []
  let running = 0
  let most = 0
  return {
    begun: () => ends.length,
    most: () => most,
    end: () => ends.at(-1)?.(),
    run: () => {
      running += 1
      most = Math.max(most, running)
      return new Promise<void>((resolve) => {
        ends.push(() => {
          running -= 1
          resolve()
        })
      })
    },
  }
}

const TIMES = { debounceMs: 10, maximumDelayMs: 60 }

describe('reload', () => {
  it('never looks twice at once, and loses nothing that happens during a look', async () => {
    const look = slowLook()
    const reload = createReload(look.run, TIMES)
    const first = reload.lookNow()
    const second = reload.lookNow()
    const third = reload.lookNow()
    reload.notice()
    expect(look.begun()).toBe(1)
    look.end()
    await first
    await until(() => look.begun() === 2)
    look.end()
    await Promise.all([second, third])
    expect(look.most()).toBe(1)
    const closing = reload.close()
    look.end()
    await closing
  })

  it('makes one look of many notices', async () => {
    let looks = 0
    const reload = createReload(async () => void (looks += 1), TIMES)
    for (let notice = 0; notice < 100; notice += 1) reload.notice()
    await until(() => looks > 0)
    await new Promise((resolve) => setTimeout(resolve, 3 * TIMES.debounceMs))
    expect(looks).toBe(1)
    await reload.close()
  })

  it('is not put off for ever by notices that never cease', async () => {
    let looks = 0
    const reload = createReload(async () => void (looks += 1), { debounceMs: 3_600_000, maximumDelayMs: 40 })
    await until(() => {
      reload.notice()
      return looks >= 2
    })
    await reload.close()
  })

  it('looks no more once it is closed', async () => {
    let looks = 0
    const reload = createReload(async () => void (looks += 1), TIMES)
    reload.notice()
    reload.lookIn(1)
    await reload.close()
    reload.notice()
    await reload.lookNow()
    await new Promise((resolve) => setTimeout(resolve, 3 * TIMES.debounceMs))
    expect(looks).toBe(0)
  })
})
