import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { MessageParty } from "@recado/protocol";
import { fact } from "../following/mention-kinds.ts";
import { isLid, phoneOf } from "./address-forms.ts";

/** A number of one tenant, whose people these are. */
export interface NumberOf {
  /** The log's number. */
  readonly tenant: number;
  readonly instance: string;
  /** Of both in the views. */
  readonly scope: number;
  /** Oldest offset that is kept. */
  readonly floor: number;
}

/**
 * Who is behind addresses, by the pairs that the log's instances were told: asked anew by each question, since
 * a pair can be learnt long after the first message, and be corrected.
 */
export class Addresses {
  readonly #phone: StatementSync;
  readonly #lids: StatementSync;
  readonly #names: StatementSync;
  readonly #known = new Map<string, string>();
  readonly #parties = new Map<string, MessageParty>();

  constructor(main: DatabaseSync, views: DatabaseSync) {
    const pair = "FROM people_pairs WHERE tenant = ?";
    this.#phone = main.prepare(`SELECT phone ${pair} AND instance = ? AND lid = ?`);
    this.#lids = main.prepare(`SELECT lid ${pair} AND phone = ? AND instance = ? LIMIT 100`);
    this.#names = views.prepare(
      `SELECT f.value, f.at, f."offset" FROM places p JOIN facts f ON f.place = p.number
       WHERE p.tenant = ? AND p.address = ? AND p.scope = ? AND f.kind = ${fact.name} AND f."offset" >= ?`,
    );
  }

  /** Begins a question: what was learnt since the last is seen. */
  begin(): void {
    this.#known.clear();
    this.#parties.clear();
  }

  /** A person's one address at a number: the phone's where it is known. */
  oneAddress(number: NumberOf, address: string): string {
    if (!isLid(address)) return address;
    const key = `${number.scope}\n${address}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const row = this.#phone.get(number.tenant, number.instance, address);
    const one = (row?.["phone"] as string | undefined) ?? address;
    this.#known.set(key, one);
    return one;
  }

  /** All addresses of one at a number, itself included. */
  allAddresses(number: NumberOf, address: string): readonly string[] {
    const one = this.oneAddress(number, address);
    if (phoneOf(one) === undefined) return [one];
    const lids = this.#lids.all(number.tenant, one, number.instance);
    return [one, ...lids.map((row) => row["lid"] as string)];
  }

  /** Every address that is the same person's at one of these numbers. */
  candidates(numbers: readonly NumberOf[], address: string): readonly string[] {
    const found = new Set([address]);
    for (const number of numbers)
      for (const other of this.allAddresses(number, address)) found.add(other);
    return [...found];
  }

  /** A person or a chat with its newest name. */
  partyOf(number: NumberOf, address: string): MessageParty {
    const one = this.oneAddress(number, address);
    const key = `${number.scope}\n${one}`;
    const known = this.#parties.get(key);
    if (known) return known;
    const name = this.#nameOf(number, one);
    const phone = phoneOf(one);
    const party = {
      jid: one,
      ...(phone === undefined ? {} : { phone }),
      ...(name === undefined ? {} : { name }),
    };
    this.#parties.set(key, party);
    return party;
  }

  #nameOf(number: NumberOf, one: string): string | undefined {
    let newest:
      | { readonly value: string; readonly at: number; readonly offset: number }
      | undefined;
    for (const address of this.allAddresses(number, one)) {
      const row = this.#names.get(number.tenant, address, number.scope, number.floor) as
        | typeof newest
        | undefined;
      if (!row) continue;
      const isNewer =
        !newest || row.at > newest.at || (row.at === newest.at && row.offset > newest.offset);
      if (isNewer) newest = row;
    }
    return newest?.value;
  }
}
