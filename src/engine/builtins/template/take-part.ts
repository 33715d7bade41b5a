import { fromBytes, toBytes } from '../percent-coding.ts'
import { type Datum, type MaybeDatum, TemplateError } from './datum.ts'

/** Go's `len`; of a text in bytes. */
export function measureDatum(item: MaybeDatum): number {
  if (item?.kind === 'text' || item?.kind === 'number') return Buffer.byteLength(item.text)
  if (item?.kind === 'list') return item.items.length
  if (item?.kind === 'map') return item.entries.size
  throw new TemplateError('without length')
}

/** Go's `index`: one step for each index; a missing key is undefined, a place that is not there an error. */
export function indexDatum(item: MaybeDatum, indices: readonly MaybeDatum[]): MaybeDatum {
  if (item === undefined) throw new TemplateError('nothing to index')
  return indices.reduce<MaybeDatum>(step, item)
}

function step(item: MaybeDatum, index: MaybeDatum): MaybeDatum {
  if (item?.kind === 'map') {
    if (index?.kind !== 'text') throw new TemplateError('no key')
    return item.entries.get(index.text)
  }
  const place = toPlace(index, measureDatum(item) - 1)
  if (item?.kind === 'list') return item.items[place]
  if (item?.kind !== 'text' && item?.kind !== 'number') throw new TemplateError('not to be indexed')
  return { kind: 'integer', value: BigInt(Buffer.from(item.text)[place] ?? 0), isByte: true }
}

/**
 * Go's `slice`; of a text by bytes. A list's end may not lie past its length (Go allows for the room that its decoder left).
 */
export function sliceDatum(item: MaybeDatum, bounds: readonly MaybeDatum[]): Datum {
  const isText = item?.kind === 'text' || item?.kind === 'number'
  if (!isText && item?.kind !== 'list') throw new TemplateError('not to be sliced')
  if (bounds.length > (isText ? 2 : 3)) throw new TemplateError('too many bounds')
  const length = measureDatum(item)
  const [start = 0, end = length, limit = length] = bounds.map((bound) => toPlace(bound, length))
  if (start > end || end > limit) throw new TemplateError('bounds out of order')
  if (item.kind === 'list') return { kind: 'list', items: item.items.slice(start, end) }
  return { kind: item.kind, text: fromBytes(toBytes(item.text).slice(start, end)) }
}

function toPlace(index: MaybeDatum, most: number): number {
  if (index?.kind !== 'integer' || index.value < 0n || index.value > BigInt(most))
    throw new TemplateError('out of range')
  return Number(index.value)
}
