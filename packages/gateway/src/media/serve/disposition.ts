/** The name under which a file is saved. Pure; RFC 6266 and 8187. */

const longestName = 120;
// Separators of paths, quotation marks, what systems forbid in names.
const forbidden = /[/\\:*?"<>|%;]+/g;
// Control and formatting characters: a name that reads differently from what it is.
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu;
const notAscii = /[^\x20-\x7e]+/g;
const notPlain = /[^A-Za-z0-9!#$&+.^_`|~-]/g;

/** A name without folders, hidden dots, and characters that are not shown; empty when nothing is left. */
export function safeName(name: string | undefined): string {
  const clean = (name?.toWellFormed() ?? "")
    .replaceAll(unseen, "")
    .replaceAll(forbidden, "_")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/^[. _]+|[. ]+$/g, "");
  const letters = Array.from(clean);
  if (letters.length <= longestName) return clean;
  // What stands at the end says what it is.
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(clean)?.[0] ?? "";
  return `${letters.slice(0, longestName - ending.length).join("")}${ending}`;
}

function encoded(name: string): string {
  return encodeURIComponent(name).replaceAll(notPlain, (letter) =>
    letter === "%" ? "%" : `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

export function contentDisposition(inline: boolean, filename: string | undefined): string {
  const kind = inline ? "inline" : "attachment";
  const name = safeName(filename);
  if (name === "") return kind;
  const ascii = name.replaceAll(notAscii, "_");
  const exact = ascii === name ? "" : `; filename*=UTF-8''${encoded(name)}`;
  return `${kind}; filename="${ascii}"${exact}`;
}
