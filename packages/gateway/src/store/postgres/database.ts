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
/** A connection of one's own, in a transaction. */
export type Transaction = postgres.ReservedSql<StoredTypes>;
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

/**
 * Runs `run` in a transaction and resolves after its commit, which PostgreSQL answers once it is on disk.
 * A statement sees what was committed before it began.
 *
 * Not the client's own `begin`: after a connection was lost that writes its rollback to the closed socket,
 * which ends the process (postgres 3.4.9, its issue 1208). For the same reason `run` must send its next
 * statement in the same turn in which it got the answer to the one before.
 */
export async function inTransaction<T>(
  sql: Database,
  run: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const transaction = await sql.reserve();
  try {
    await transaction`BEGIN ISOLATION LEVEL READ COMMITTED`;
    const result = await run(transaction);
    await transaction`COMMIT`;
    transaction.release();
    return result;
  } catch (error) {
    // A connection that is gone has rolled back, and left the reserved ones, by itself.
    if (!isConnectionLost(error)) {
      await transaction`ROLLBACK`;
      transaction.release();
    }
    throw error;
  }
}

/** The client's own codes, and what the server says before it ends a session. */
function isConnectionLost(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return error.severity !== "ERROR";
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
