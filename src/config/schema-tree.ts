import { z } from 'zod'
import type { Path } from './read-yaml.ts'

/** What lies under the defaults and transforms of a schema: the thing that is written in the file. */
function toWritten(schema: unknown): unknown {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodExactOptional
  )
    return toWritten(schema.def.innerType)
  if (schema instanceof z.ZodPipe)
    return toWritten(schema.def.in instanceof z.ZodTransform ? schema.def.out : schema.def.in)
  return schema
}

/** The keys that may stand in the mapping at `path`; none where there is no mapping. */
export function knownKeys(schema: unknown, path: Path): readonly string[] {
  const written = path.reduce<unknown>((parent, key) => childOf(toWritten(parent), key), schema)
  const mapping = toWritten(written)
  return mapping instanceof z.ZodObject ? Object.keys(mapping.shape) : []
}

function childOf(written: unknown, key: string | number): unknown {
  if (written instanceof z.ZodObject) return written.shape[key]
  return written instanceof z.ZodArray ? written.def.element : undefined
}

/** A setting that an environment variable can hold; `#` in its path is an index of a list. */
export interface Leaf {
  readonly path: readonly string[]
  readonly kind: 'text' | 'number' | 'boolean' | 'list'
  readonly holds?: 'path' | 'command'
}

/** Every scalar, and every list of scalars. */
export function listLeaves(schema: unknown, path: readonly string[] = []): readonly Leaf[] {
  const written = toWritten(schema)
  if (written instanceof z.ZodObject) {
    const inside = Object.entries(written.shape).flatMap(([key, child]) => listLeaves(child, [...path, key]))
    // A mapping with a short form in one word, such as `keys: discovery`.
    return isPreprocessed(schema) ? [{ path, kind: 'text' }, ...inside] : inside
  }
  if (written instanceof z.ZodArray) {
    const element = toWritten(written.def.element)
    return element instanceof z.ZodObject ? listLeaves(element, [...path, '#']) : [{ path, kind: 'list' }]
  }
  return [toLeaf(written, path)]
}

function isPreprocessed(schema: unknown): boolean {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return isPreprocessed(schema.def.innerType)
  return schema instanceof z.ZodPipe && schema.def.in instanceof z.ZodTransform
}

function toLeaf(written: unknown, path: readonly string[]): Leaf {
  if (written instanceof z.ZodBoolean) return { path, kind: 'boolean' }
  if (written instanceof z.ZodNumber) return { path, kind: 'number' }
  const holds = written instanceof z.ZodString ? written.meta()?.['holds'] : undefined
  return holds === 'path' || holds === 'command' ? { path, kind: 'text', holds } : { path, kind: 'text' }
}
