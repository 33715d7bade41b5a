/** What every API key begins with, so that people and scanners of secrets know one when they see it. */
export const KEY_PREFIX = 'rgk_'
export const KEY_ID = /^rgk_[a-z0-9]{8}$/
const KEY = /^rgk_[a-z0-9]{8}_[A-Za-z0-9]{43}$/
const ID_LENGTH = 12
const KEY_LENGTH = 56

/** The public part of an API key, by which it is looked up; undefined for a text that has not the form of one. */
export function readKeyId(text: string): string | undefined {
  return text.length === KEY_LENGTH && KEY.test(text) ? text.slice(0, ID_LENGTH) : undefined
}
