import type { CST } from 'yaml'
import { pastLimit } from '../past-limit.ts'
import { Unreadable } from './unreadable.ts'

type Item = (CST.BlockMap | CST.BlockSequence | CST.FlowCollection)['items'][number]

/**
 * What this parser takes in a list or a map and go-yaml does not: tabs before a block or behind its `-` or `?`, values in another
 * column than their `?`, missing keys, keys of several lines, `?` within words in brackets. `text`: what it stands in. Source: go-yaml 3, scannerc.go.
 * @throws Unreadable; EVALUATION_FAILED for what go-yaml reads as something else.
 */
export function checkCollection(collection: CST.Token, text: string): void {
  if (!('items' in collection)) return
  for (const item of collection.items) {
    const isExplicit = find(item.start, 'explicit-key-ind') !== undefined
    if (!isExplicit && isKeyMissing(item)) throw new Unreadable('no key')
    if (collection.type === 'flow-collection') checkFlowItem(item, text)
    else checkBlockItem(item, text)
  }
}

function checkBlockItem({ start, sep = [], ...item }: Item, text: string): void {
  const key = find(start, 'explicit-key-ind')
  const value = find(sep, 'map-value-ind')
  if (item.key && item.value && value === undefined) throw new Unreadable('a value without a colon')
  checkTabs(start, text)
  // After a plain key's colon a tab is a blank like any other.
  checkTabs(key === undefined ? sep.filter(({ type }) => type !== 'map-value-ind') : sep, text)
  if (key !== undefined && value !== undefined && columnOf(key, text) !== columnOf(value, text))
    throw new Unreadable('a value in another column than its key')
}

/** At the start of a line and behind an indicator. Before a comment go-yaml takes a tab now and then. */
function checkTabs(tokens: readonly CST.SourceToken[], text: string): void {
  for (const [index, { type, source, offset }] of tokens.entries()) {
    if (type !== 'space' || !source.includes('\t')) continue
    const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
    if (!/^ *$/.test(before) && !isIndicator(tokens[index - 1])) continue
    if (tokens[index + 1]?.type === 'comment') throw pastLimit('yaml', 'a tab before a comment')
    throw new Unreadable('a tab for a blank')
  }
}

function isIndicator(token: CST.SourceToken | undefined): boolean {
  return token !== undefined && token.type.endsWith('-ind')
}

function columnOf({ offset }: CST.SourceToken, text: string): number {
  const start = text.lastIndexOf('\n', offset)
  // A byte order mark takes no column.
  return start < 0 && text.startsWith('\u{feff}') ? offset : offset - start
}

function checkFlowItem({ start, key, value, sep = [] }: Item, text: string): void {
  const end = find(sep, 'map-value-ind')?.offset
  const isImplicit = end !== undefined && key && find(start, 'explicit-key-ind') === undefined
  if (isImplicit && text.slice(key.offset, end).includes('\n')) throw new Unreadable('a key of several lines')
  for (const token of [key, value]) {
    const at = token?.type === 'scalar' ? token.source.indexOf('?') : -1
    if (at > 0) throw new Unreadable('a question mark in brackets')
    if (at === 0) throw pastLimit('yaml', 'a question mark before a word in brackets')
  }
  const colon = sep[0]?.type === 'map-value-ind' && key?.type === 'scalar' ? sep[0] : undefined
  const next = colon === undefined ? ' ' : text.charAt(colon.offset + 1)
  if (next === '[' || next === '{') throw new Unreadable('no blank behind a colon')
  if (next === ',' || next === ']' || next === '}') throw pastLimit('yaml', 'a colon at the end of a word')
}

/** Nothing before the colon, not even a tag. */
function isKeyMissing({ start, key, sep = [] }: Item): boolean {
  const isNamed =
    (key !== undefined && key !== null) ||
    find(start, 'tag') !== undefined ||
    find(start, 'anchor') !== undefined
  return find(sep, 'map-value-ind') !== undefined && !isNamed
}

function find(tokens: readonly CST.SourceToken[], type: string): CST.SourceToken | undefined {
  return tokens.find((token) => token.type === type)
}
