type Listener = (text: string) => void

const TEXTS_LIMIT = 100
const BYTES_LIMIT = 16 * 1024
const CUT = `… more was printed; an evaluation may print ${TEXTS_LIMIT} texts and ${BYTES_LIMIT / 1024} KiB`

/**
 * Hands on what a policy prints in one evaluation: at most 100 texts and 16 KiB, then one text which says that more was cut.
 * Returns who listens still: nobody from then on, or once the listener has thrown.
 */
export function limitPrints(listener: Listener): () => Listener | undefined {
  let texts = 0
  let bytes = 0
  let isOpen = true

  function tell(text: string): void {
    try {
      listener(text)
    } catch {
      // It is no part of the decision.
      isOpen = false
    }
  }

  function print(text: string): void {
    const room = BYTES_LIMIT - bytes
    texts += 1
    bytes += Buffer.byteLength(text)
    if (texts <= TEXTS_LIMIT && bytes <= BYTES_LIMIT) return tell(text)
    isOpen = false
    if (texts <= TEXTS_LIMIT && room > 0) tell(Buffer.from(text).toString('utf8', 0, room))
    tell(CUT)
  }

  return () => (isOpen ? print : undefined)
}
