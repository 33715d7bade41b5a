type Parsed = { readonly segments: readonly string[] } | { readonly problem: string }

/**
 * Parses a path prefix of an app's annotation into whole segments, in the form in which paths of requests are compared:
 * decoded, without `;params`; `/` is `[]`, and `/a/` is `/a`. A problem names its mend.
 */
export function parsePathPrefix(text: string): Parsed {
  const problem = findProblem(text)
  if (problem !== undefined) return { problem: `${JSON.stringify(text)} is no path prefix: ${problem}` }
  return { segments: text.split('/').filter((segment) => segment !== '') }
}

function findProblem(text: string): string | undefined {
  if (!text.startsWith('/')) return 'it begins with /'
  if (text.includes('//')) return 'a segment is empty'
  if (text.includes('*')) return 'a prefix covers all that is below it; leave the * out'
  if (/[?#;\\]/.test(text)) return 'it ends before ? and #, and holds neither ; nor \\'
  if (/%[0-9a-f]{2}/i.test(text)) return 'write the characters themselves, not percent-encoded'
  // oxlint-disable-next-line no-control-regex -- no request's path holds one
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return 'it holds a control character'
  if (text.split('/').some((segment) => segment === '.' || segment === '..'))
    return 'write it without . and ..'
  return undefined
}
