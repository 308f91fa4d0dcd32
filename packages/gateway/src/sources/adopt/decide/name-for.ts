/** Longest name that is given, in Unicode code points; the API takes none that is longer. */
const maxLength = 200;

function shortened(name: string, length: number): string {
  return [...name].slice(0, length).join("");
}

/**
 * The name of an adopted number in its tenant: the provider's own, or `<name>@<server>` when that is
 * taken, counted up when that is, too. Pure. Text that could not be stored or found again (half
 * characters, white space alone) is made usable.
 */
export function nameFor(
  providerName: string,
  serverName: string,
  taken: (name: string) => boolean,
): string {
  const usable = providerName.toWellFormed().normalize("NFC");
  const wanted = shortened(usable.trim() === "" ? serverName : usable, maxLength);
  if (!taken(wanted)) return wanted;
  for (let n = 1; ; n++) {
    const owner = `@${shortened(serverName, maxLength / 2)}${n === 1 ? "" : `-${n}`}`;
    const named = `${shortened(wanted, maxLength - [...owner].length)}${owner}`;
    if (!taken(named)) return named;
  }
}
