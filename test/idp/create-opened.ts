interface Closable {
  readonly close: () => Promise<void>
}

export interface Opened {
  /** Remembers what is being opened, and returns it. */
  readonly keep: <Kept extends Closable>(opening: Promise<Kept>) => Promise<Kept>
  /** Closes everything that was opened, also where something else could not be. */
  readonly close: () => Promise<void>
}

/** What the tests of a file have opened, so that no process outlives them. */
export function createOpened(): Opened {
  const kept: Promise<Closable>[] = []
  return {
    keep: (opening) => {
      kept.push(opening)
      return opening
    },
    close: async () => {
      const settled = await Promise.allSettled(kept.splice(0))
      const opened = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
      await Promise.all(opened.map(({ close }) => close()))
    },
  }
}
