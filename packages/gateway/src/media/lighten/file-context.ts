/** What a body says about the files in it, beside them. Pure. */

export interface SaidOfFile {
  readonly mimetype?: unknown;
  readonly filename?: unknown;
}

type Members = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const typeNames = ["mimetype", "mimeType", "mime_type"] as const;
const fileNames = ["fileName", "filename", "file_name"] as const;

function first(holder: Members, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = Object.hasOwn(holder, name) ? holder[name] : undefined;
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

function saidBy(holder: Members): SaidOfFile | undefined {
  const mimetype = first(holder, typeNames);
  const filename = first(holder, fileNames);
  if (mimetype === undefined && filename === undefined) return undefined;
  return {
    ...(mimetype === undefined ? {} : { mimetype }),
    ...(filename === undefined ? {} : { filename }),
  };
}

/** A wrapped content (`documentWithCaptionMessage.message.documentMessage`) stands this deep at most. */
const deepest = 4;

/** In the holder itself, else in the contents beside the file: `imageMessage` and the like. */
function saidAround(holder: Members, depth = 0): SaidOfFile | undefined {
  const own = saidBy(holder);
  if (own || depth > deepest) return own;
  for (const [name, value] of Object.entries(holder)) {
    if (!isObject(value) || !/message$|^media$/i.test(name)) continue;
    const said = saidAround(value, depth + 1);
    if (said) return said;
  }
  return undefined;
}

/**
 * For each placeholder (a string value of `body`), what its surroundings say: the object that holds it, then
 * the one around that. Walks without recursion: a body may be nested by somebody who means harm.
 */
export function saidOfFiles(
  body: unknown,
  placeholders: ReadonlySet<string>,
): ReadonlyMap<string, SaidOfFile> {
  const found = new Map<string, SaidOfFile>();
  const looked = new Map<Members, SaidOfFile | undefined>();
  // Once for each, however many files it holds: a holder may have a million members.
  const saidIn = (holder: Members): SaidOfFile | undefined => {
    if (!looked.has(holder)) looked.set(holder, saidAround(holder));
    return looked.get(holder);
  };
  const open: { readonly value: unknown; readonly outer: Members | undefined }[] = [
    { value: body, outer: undefined },
  ];
  for (let place = open.pop(); place; place = open.pop()) {
    const { value, outer } = place;
    if (typeof value !== "object" || value === null) continue;
    const holder = isObject(value) ? value : outer;
    for (const inner of Object.values(value)) {
      if (typeof inner === "string") {
        if (!placeholders.has(inner) || !holder) continue;
        const said = saidIn(holder) ?? (outer && saidIn(outer));
        if (said) found.set(inner, said);
      } else open.push({ value: inner, outer: holder });
    }
  }
  return found;
}
