import { STATUS_CODES } from "node:http";

type Json = { readonly [key: string]: unknown };

/** Names of shapes that a part of the document refers to. */
function referred(part: unknown): ReadonlySet<string> {
  const text = JSON.stringify(part) ?? "";
  return new Set(
    [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1] ?? ""),
  );
}

/** Named shapes that are used, by the routes or by a used shape. */
function usedSchemas(paths: unknown, schemas: Json): Json {
  const used = new Set<string>();
  const open = [...referred(paths)];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (used.has(name)) continue;
    used.add(name);
    open.push(...referred(schemas[name]));
  }
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
}

function described(status: string, response: Json): Json {
  const text = status.endsWith("XX")
    ? "The request was refused; code says why"
    : (STATUS_CODES[status] ?? status);
  return response["description"] === "Default Response"
    ? { ...response, description: text }
    : response;
}

/**
 * The generated document without what nobody refers to (the generator writes every named shape twice)
 * and with a description for each answer. Pure.
 */
export function tidyDocument(document: Json): Json {
  const paths = JSON.parse(JSON.stringify(document["paths"] ?? {}), (key, value: unknown) =>
    key === "responses"
      ? Object.fromEntries(
          Object.entries(value as Record<string, Json>).map(([status, response]) => [
            status,
            described(status, response),
          ]),
        )
      : value,
  ) as Json;
  const components = (document["components"] ?? {}) as Json;
  return {
    ...document,
    paths,
    components: {
      ...components,
      schemas: usedSchemas(paths, (components["schemas"] ?? {}) as Json),
    },
  };
}
