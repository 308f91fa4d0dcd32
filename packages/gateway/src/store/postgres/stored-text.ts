/**
 * PostgreSQL's `text` refuses U+0000, which WhatsApp names and provider bodies may hold. A text that has
 * one, or that begins like an escaped one, is stored behind a backslash with its own backslashes doubled;
 * every other text is stored as it is. Half a surrogate pair becomes U+FFFD, as in any UTF-8.
 */
export function toStoredText(text: string): string {
  const wellFormed = text.toWellFormed();
  if (!wellFormed.includes("\u0000") && !wellFormed.startsWith("\\")) return wellFormed;
  return `\\${wellFormed.replaceAll("\\", "\\\\").replaceAll("\u0000", "\\0")}`;
}

/** The text behind {@link toStoredText}. */
export function fromStoredText(stored: string): string {
  if (!stored.startsWith("\\")) return stored;
  return stored.slice(1).replaceAll(/\\[\\0]/gu, (escape) => (escape === "\\0" ? "\u0000" : "\\"));
}

export function toStoredTextOrNull(text: string | undefined): string | null {
  return text === undefined ? null : toStoredText(text);
}
