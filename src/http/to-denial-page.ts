import { createHash } from 'node:crypto'
import type { Problem } from './to-problem.ts'

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 15vh auto; max-width: 36rem; padding: 0 1rem }
code { overflow-wrap: anywhere }
`

/** Nothing but the page's own style may load, and no other page may frame it. */
export const DENIAL_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** A small page for people; every text in it is escaped. */
export function toDenialPage(problem: Problem): string {
  const title = `${problem.status} ${escapeHtml(problem.title)}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${escapeHtml(problem.detail)}</p>
<p>Code: <code>${escapeHtml(problem.code)}</code><br>Decision: <code>${escapeHtml(problem.decision_id)}</code></p>
</main>
</body>
</html>
`
}

const ESCAPES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
])

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES.get(character) ?? '')
}
