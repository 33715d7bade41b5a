import { type Document, isMap, isNode, isSeq, parseDocument, YAMLMap, YAMLSeq } from 'yaml'

/**
 * The text of a mapping with one more row at its end, and with everything else in it, comments too. The text must have been
 * read before without a problem.
 */
export function addYamlRow(text: string, name: string, row: object): string {
  const document = parseDocument(text)
  const rows = isMap(document.contents) ? document.contents : new YAMLMap()
  rows.set(name, document.createNode(row, { flow: true }))
  return write(document, rows)
}

/** The same of a list, of which only those entries stay, by index, that are to be kept. */
export function addYamlItem(text: string, item: object, isKept: (index: number) => boolean): string {
  const document = parseDocument(text)
  const items = isSeq(document.contents) ? document.contents : new YAMLSeq()
  const [first] = items.items
  // What stands above the first entry may be about all of them.
  if (isNode(first) && !isKept(0)) items.commentBefore ??= first.commentBefore ?? null
  items.items = items.items.filter((_, index) => isKept(index))
  items.add(document.createNode(item, { flow: true }))
  return write(document, items)
}

function write(document: Document, contents: YAMLMap | YAMLSeq): string {
  // One line for each row, also where the first was written into `{}`.
  contents.flow = false
  document.contents = contents
  return document.toString({ lineWidth: 0 })
}
