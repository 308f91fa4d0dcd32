/** Words that are searched for; more add nothing. */
const maxWords = 20;

/**
 * A question to the index of words: all words of `text`, each also as the beginning of a longer one, in the
 * messages of one tenant. Undefined when there is no word in it. What stands in quotation marks has no
 * meaning to the index but itself. Pure.
 */
export function matchText(tenant: number, text: string): string | undefined {
  const words = text.toWellFormed().match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu);
  if (!words) return undefined;
  const asked = words.slice(0, maxWords).map((word) => `"${word}"*`);
  return `tenant : "t${tenant}" AND text : (${asked.join(" AND ")})`;
}
