import { request } from "undici";

/** The words of a shell command: single quotes keep what is inside. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|([^\s']+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? "",
  );
}

/** Does what a curl line says; a new machine may have no curl. Knows -X, -H and -d, and throws at anything else. */
export async function curl(words: readonly string[]) {
  let method: string | undefined;
  let body: string | undefined;
  let url: string | undefined;
  const headers: Record<string, string> = {};
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith("-")) {
      url = word;
      continue;
    }
    const value = rest.shift() ?? "";
    const [name = "", ...parts] = value.split(":");
    if (word === "-X") method = value;
    else if (word === "-d") body = value;
    else if (word === "-H") headers[name.toLowerCase()] = parts.join(":").trim();
    else throw new Error(`this curl does not know ${word}`);
  }
  if (url === undefined) throw new Error(`no address in: curl ${words.join(" ")}`);
  if (body !== undefined) headers["content-type"] ??= "application/x-www-form-urlencoded";
  const reply = await request(url, {
    method: (method ?? (body === undefined ? "GET" : "POST")) as "GET" | "POST",
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return { status: reply.statusCode, text: await reply.body.text() };
}
