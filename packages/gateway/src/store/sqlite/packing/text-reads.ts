import type { DatabaseSync, StatementSync } from "node:sqlite";

const maxRemembered = 10_000;

/** Texts by number, for reading. */
export class TextReads {
  readonly #text: StatementSync;
  readonly #remembered = new Map<number, string>();

  constructor(db: DatabaseSync) {
    this.#text = db.prepare("SELECT text FROM log_texts WHERE number = ?");
  }

  /** Throws when there is none: then a row is damaged. */
  textOf(number: number): string {
    const known = this.#remembered.get(number);
    if (known !== undefined) return known;
    const text = this.#text.get(number)?.["text"];
    if (typeof text !== "string") throw new Error(`there is no text ${number} in the log`);
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    this.#remembered.set(number, text);
    return text;
  }
}
