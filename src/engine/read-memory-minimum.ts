import { RegateError } from '../errors.ts'
import { WASM_PAGE_BYTES } from './web-assembly.ts'

/**
 * The pages of memory that a module needs of its host: the minimum of its one imported memory, and room for its data: OPA's
 * compiler writes the minimum down before it adds the last of them. The JavaScript API does not tell, and an instance with less
 * is refused by the engine.
 * Source: WebAssembly Core Specification 2.0, 5.5 (binary format of modules).
 * @throws MODULE_INVALID when the bytes are no module, import anything but functions and one 32-bit memory, or hold data for
 * anywhere else.
 */
export function readMemoryMinimum(bytes: Uint8Array): number {
  const reader = createReader(bytes)
  if (HEADER.some((byte) => reader.byte() !== byte)) throw invalid('no header')
  let asked: number | undefined
  let dataEnd = 0
  while (!reader.atEnd()) {
    const section = reader.byte()
    const size = reader.leb128()
    if (section === IMPORT_SECTION) asked = readImports(reader)
    else if (section === DATA_SECTION) dataEnd = readDataEnd(reader)
    else reader.skip(size)
  }
  if (asked === undefined) throw invalid('no import section')
  return Math.max(asked, Math.ceil(dataEnd / WASM_PAGE_BYTES))
}

/** The magic number and version 1. */
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
const IMPORT_SECTION = 2
const DATA_SECTION = 11
/** `i32.const` and `end`. */
const [CONSTANT, END] = [0x41, 0x0b]
const FUNCTION_IMPORT = 0
const MEMORY_IMPORT = 2

type Reader = ReturnType<typeof createReader>

function readImports(reader: Reader): number {
  let minimum: number | undefined
  for (let left = reader.leb128(); left > 0; left--) {
    reader.skip(reader.leb128())
    reader.skip(reader.leb128())
    const kind = reader.byte()
    if (kind === FUNCTION_IMPORT) reader.leb128()
    else if (kind === MEMORY_IMPORT && minimum === undefined) minimum = readMinimum(reader)
    else throw invalid(`an import of kind ${kind}`)
  }
  if (minimum === undefined) throw invalid('no imported memory')
  return minimum
}

/** The first byte after all data: segments with a constant offset in the one memory. */
function readDataEnd(reader: Reader): number {
  let end = 0
  for (let left = reader.leb128(); left > 0; left--) {
    if (reader.leb128() !== 0 || reader.byte() !== CONSTANT) throw invalid('a data segment of another kind')
    const offset = reader.leb128()
    if (reader.byte() !== END) throw invalid('a data segment of another kind')
    const size = reader.leb128()
    reader.skip(size)
    end = Math.max(end, offset + size)
  }
  return end
}

function readMinimum(reader: Reader): number {
  const flags = reader.byte()
  if (flags > 1) throw invalid('a shared or 64-bit memory')
  const minimum = reader.leb128()
  if (flags === 1) reader.leb128()
  return minimum
}

function createReader(bytes: Uint8Array) {
  let offset = 0
  const byte = (): number => {
    const value = bytes[offset++]
    if (value === undefined) throw invalid('a truncated section')
    return value
  }
  return {
    byte,
    atEnd: () => offset >= bytes.length,
    skip: (count: number) => {
      offset += count
    },
    leb128: () => {
      let value = 0
      for (let shift = 0; shift < 35; shift += 7) {
        const part = byte()
        value += (part % 0x80) * 2 ** shift
        if (part < 0x80) return value
      }
      throw invalid('a number longer than 32 bits')
    },
  }
}

function invalid(what: string): RegateError {
  return new RegateError('MODULE_INVALID', `The policy module cannot be read: ${what}.`)
}
