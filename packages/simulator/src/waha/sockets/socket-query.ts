/** What a client of `/ws` asks for: all of it is in the query. Pure. */
export interface SocketQuery {
  /** Empty when none was given. */
  readonly key: string;
  /** A name, or `*`. */
  readonly session: string;
  /** Names as webhooks have them, or `*`. */
  readonly events: readonly string[];
}

/** The key's name is read in any case; events repeat or are separated by commas (recorded). */
export function readSocketQuery(query: URLSearchParams): SocketQuery {
  const key = [...query].find(([name]) => name.toLowerCase() === "x-api-key")?.[1] ?? "";
  const events = query.getAll("events").flatMap((names) => names.split(","));
  const wanted = events.map((name) => name.trim()).filter((name) => name !== "");
  return {
    key,
    session: query.get("session") ?? "*",
    events: wanted.length > 0 ? wanted : ["*"],
  };
}
