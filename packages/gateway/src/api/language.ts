/** Languages in which errors are told. */
export type Language = "en" | "pt";

/**
 * The language a caller prefers, by `Accept-Language`; `fallback` when it names neither. Pure. Ties go
 * to the first named, as browsers send them.
 */
export function preferredLanguage(header: string | undefined, fallback: Language): Language {
  let best: { language: Language; quality: number } | undefined;
  for (const part of (header ?? "").slice(0, 1_000).split(",")) {
    const [tag = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
    const language = tag.split("-")[0];
    if (language !== "en" && language !== "pt") continue;
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    const quality = weight === undefined ? 1 : Number(weight);
    if (quality > (best?.quality ?? 0)) best = { language, quality };
  }
  return best?.language ?? fallback;
}
