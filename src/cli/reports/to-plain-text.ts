/** A text of an author as a terminal may show it: controls other than line breaks become U+FFFD, and so do marks that turn the direction. */
export function toPlainText(text: string): string {
  return text.toWellFormed().replaceAll(UNSAFE, '\ufffd')
}

const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu
