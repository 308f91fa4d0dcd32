import postgres from "postgres";

/** `bigint` columns hold offsets, ids and Unix milliseconds: all far below 2^53. */
const types = {
  bigint: {
    to: 20,
    from: [20],
    parse: (text: string) => Number(text),
    serialize: (value: number) => String(value),
  },
};

// A type, not an interface: the client asks for something with an index signature.
type StoredTypes = { readonly bigint: number };

export type Database = postgres.Sql<StoredTypes>;
export type Transaction = postgres.TransactionSql<StoredTypes>;
/** A piece of SQL with its parameters. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** The writer takes one, waking another; the rest read. */
const maxConnections = 6;
const connectTimeoutSeconds = 10;
/** A node that froze in the middle of a transaction must not keep the others from writing for ever. */
const idleInTransactionMs = 10_000;
const statementMs = 30_000;

/**
 * Connects when it is first asked. `schema` is a name of the operator's, never of a payload.
 *
 * `synchronous_commit` is said here because a database or role may have it off by default, and then a
 * commit is answered before it is on disk.
 */
export function connect(url: string, schema: string): Database {
  return postgres<{ readonly bigint: postgres.PostgresType<number> }>(url, {
    max: maxConnections,
    connect_timeout: connectTimeoutSeconds,
    onnotice: () => {},
    types,
    connection: {
      application_name: "recado",
      search_path: quoted(schema),
      synchronous_commit: "on",
      statement_timeout: statementMs,
      idle_in_transaction_session_timeout: idleInTransactionMs,
    },
  });
}

/** As an identifier in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
