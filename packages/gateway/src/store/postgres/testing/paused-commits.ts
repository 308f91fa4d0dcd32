import postgres from "postgres";

/** Transactions that store an event with the id `evt_paused` stop after that, before their commit, until told. */
export interface PausedCommits {
  /** Resolves when one stands there; answers its backend's number. */
  standing(): Promise<number>;
  /** Resolves when `count` others wait behind it for the lane. */
  othersWait(count: number): Promise<void>;
  /** Its backend ends, as if its machine had died. */
  kill(backend: number): Promise<void>;
  letGo(): Promise<void>;
  close(): Promise<void>;
}

/** Any number: what they wait for. */
const gate = 41;
/** Between two looks at who waits. */
const lookAgainMs = 5;

/**
 * Pauses real transactions from outside, with a trigger that waits for a lock which this connection holds:
 * the log has numbered its events by then.
 */
export async function pauseCommits(url: string, schema: string): Promise<PausedCommits> {
  const sql = postgres(url, { max: 1, connection: { search_path: schema } });
  await sql.unsafe(`
    CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_advisory_xact_lock_shared(${gate}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER paused AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.id = 'evt_paused') EXECUTE FUNCTION wait_at_gate()`);
  await sql`SELECT pg_advisory_lock(${gate})`;
  const backends = (kind: string) => sql<{ readonly pid: number }[]>`
    SELECT pid FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND wait_event = ANY(${kind.split(" ")}::text[])`;
  async function until(kind: string, count: number): Promise<number> {
    for (;;) {
      const found = await backends(kind);
      if (found.length >= count) return found[0]?.pid ?? 0;
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    }
  }
  return {
    standing: () => until("advisory", 1),
    async othersWait(count) {
      await until("transactionid tuple", count);
    },
    async kill(backend) {
      await sql`SELECT pg_terminate_backend(${backend})`;
    },
    async letGo() {
      await sql`SELECT pg_advisory_unlock(${gate})`;
    },
    close: () => sql.end(),
  };
}
