import { readFileSync, realpathSync } from "node:fs";

/**
 * What is mounted directly in a folder, by name. Such an entry cannot be renamed. Knows Linux only, where
 * containers mount single files and folders; elsewhere nothing is found.
 */
export function mountsIn(folder: string): readonly string[] {
  let table: string;
  try {
    table = readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return []; // Not a Linux, or one that does not tell.
  }
  return namesMounted(table, realpathSync(folder));
}

/** Reads a table as in `/proc/<pid>/mountinfo`: the fifth field is the place, with blanks and the like in octal. */
export function namesMounted(table: string, folder: string): readonly string[] {
  const prefix = folder.endsWith("/") ? folder : `${folder}/`;
  const places = table
    .split("\n")
    .map((line) => (line.split(" ")[4] ?? "").replaceAll(/\\([0-7]{3})/g, octal))
    .filter((place) => place.startsWith(prefix))
    .map((place) => place.slice(prefix.length).split("/")[0] ?? "");
  return [...new Set(places)];
}

function octal(_: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 8));
}
