import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sayLine } from "./say-line.ts";

/**
 * The control: SQLite as many use it, `synchronous=NORMAL`, which answers right after COMMIT. A power cut
 * takes what was answered; a simulation that does not see that sees nothing.
 */
const [directory = "", commits = "0"] = process.argv.slice(2);
const db = new DatabaseSync(join(directory, "control.db"));
db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
db.exec("CREATE TABLE IF NOT EXISTS answered (id INTEGER PRIMARY KEY, text TEXT)");
const insert = db.prepare("INSERT INTO answered VALUES (?, ?)");
for (let id = 1; id <= Number(commits); id += 1) {
  insert.run(id, "x".repeat((id * 397) % 3_000));
  sayLine(String(id));
}
db.close();
