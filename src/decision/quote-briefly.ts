const LONGEST = 80

/** A text from an unverified source for a log line: escaped, and cut where it is long. */
export function quoteBriefly(text: string): string {
  return JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
}
