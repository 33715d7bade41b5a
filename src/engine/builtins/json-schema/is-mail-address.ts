/**
 * One address of mail, with a name before it or without. Source: RFC 5322, 3.4, as Go's `mail.ParseAddress` reads it; without
 * comments, groups and encoded words.
 */
export function isMailAddress(text: string): boolean {
  const [, name, address = ''] = NAMED.exec(text) ?? [undefined, '', text.replace(/^[ \t]+|[ \t]+$/g, '')]
  return isName(name ?? '') && ADDRESS.test(address) && !/^\.|\.\.|\.@|@\./.test(stripQuotes(address))
}

const NAMED = /^(.*)<([^<>]*)>[ \t]*$/s
const ATOM = "[\\w!#$%&'*+\\-/=?^`{|}~.\\u{80}-\\u{10ffff}]"
const QUOTED = '"(?:[^"\\\\\\0-\\x1f\\x7f]|\\\\[\\x21-\\x7e \\t])*"'
const ADDRESS = new RegExp(
  `^(?:${ATOM}+|${QUOTED})@(?:${ATOM}*[^.\\s"<>()\\[\\]:;@\\\\,]|\\[[^\\[\\]\\\\]*\\])$`,
  'u',
)
const NAME = new RegExp(`^(?:[ \\t]*(?:${ATOM}+|${QUOTED}))*[ \\t]*$`, 'u')

function isName(name: string): boolean {
  return NAME.test(name)
}

function stripQuotes(address: string): string {
  return address.replace(/^".*"(?=@)/s, 'q')
}
