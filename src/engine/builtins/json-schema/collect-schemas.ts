import { type Document, type DocumentObject, isDocumentObject, isList } from './document.ts'
import { inheritReference, parseReference, type Reference, showReference } from './resolve-reference.ts'
import { SchemaError } from './schema-error.ts'

/** Where schemas can be found within one document. Nothing is ever fetched. */
export interface SchemaPool {
  /** By its own id, or the empty text for the whole document. */
  readonly byId: ReadonlyMap<string, Document>
  /** The `$ref` of each schema, as seen from the whole document. */
  readonly references: ReadonlyMap<DocumentObject, Reference>
}

/**
 * Collects the ids of a document and resolves its references. Source: gojsonschema, schemaPool.go.
 * @throws SchemaError where an id is there twice.
 */
export function collectSchemas(root: Document): SchemaPool {
  const pool = { byId: new Map<string, Document>(), references: new Map<DocumentObject, Reference>() }
  collect(pool, root, { base: '', fragment: '' })
  pool.byId.set('', root)
  return pool
}

/** The schema that a reference means. @throws SchemaError where there is none here. */
export function findSchema(pool: SchemaPool, reference: Reference): Document {
  const found = pool.byId.get(showReference(reference))
  if (found !== undefined) return found
  const whole = pool.byId.get(reference.base)
  if (whole !== undefined) return follow(whole, reference.fragment)
  const shown = showReference(reference)
  throw new SchemaError(
    /^[a-z][a-z\d+.-]*:\/\/[^/]/i.test(reference.base)
      ? `remote reference loading disabled: ${shown}`
      : `Reference ${shown} must be canonical`,
  )
}

interface Collected {
  readonly byId: Map<string, Document>
  readonly references: Map<DocumentObject, Reference>
}

function collect(pool: Collected, document: Document, outer: Reference): void {
  if (isList(document)) for (const item of document) collect(pool, item, outer)
  if (!isDocumentObject(document)) return
  const reference = addId(pool, document, outer)
  const target = document.get('$ref')
  if (typeof target === 'string') {
    pool.references.set(document, inheritReference(reference, parseReference(target)))
  }
  for (const [key, item] of document) {
    // What stands in these is compared, not read.
    if (key === 'const' || key === 'enum') continue
    if (!NAMED_SCHEMAS.has(key)) collect(pool, item, reference)
    else if (isDocumentObject(item)) for (const part of item.values()) collect(pool, part, reference)
  }
}

const NAMED_SCHEMAS = new Set(['properties', 'dependencies', 'patternProperties'])

function addId(pool: Collected, document: DocumentObject, outer: Reference): Reference {
  const id = document.get(document.has('id') ? 'id' : '$id')
  if (typeof id !== 'string') return outer
  const reference = inheritReference(outer, parseReference(id))
  const shown = showReference(reference)
  if (pool.byId.has(shown)) throw new SchemaError(`Reference already exists: "${shown}"`)
  pool.byId.set(shown, document)
  return reference
}

/** Follows a JSON pointer; a fragment that is none means the whole. Source: RFC 6901; gojsonpointer. */
function follow(whole: Document, fragment: string): Document {
  if (!fragment.startsWith('/')) return whole
  return fragment.slice(1).split('/').reduce<Document>(step, whole)
}

function step(document: Document, token: string): Document {
  if (isDocumentObject(document)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    const found = document.get(key)
    if (found === undefined) throw new SchemaError(`Object has no key '${key}'`)
    return found
  }
  if (!isList(document)) throw new SchemaError(`Invalid token reference '${token}'`)
  if (!/^[-+]?\d{1,15}$/.test(token)) throw new SchemaError(`Invalid array index '${token}'`)
  const found = document[Number(token)]
  if (found !== undefined) return found
  throw new SchemaError(`Out of bound array[0,${document.length}] index '${Number(token)}'`)
}
