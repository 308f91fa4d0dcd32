import { RecadoError } from "../../../base/recado-error.ts";
import {
  digitsOf,
  withContactPhone,
  type AppendOutcome,
  type DuplicateCause,
  type NewBody,
  type NewEvent,
  type StoredEvent,
} from "../../contract/index.ts";
import {
  bodyHashPrefix,
  judgeIdentity,
  type KnownIdentity,
} from "../../sqlite/log/duplicate-cause.ts";
import { withCompletes, withOffset } from "../../sqlite/log/event-json.ts";
import { digestOf, learnFrom, otherDigestsOf } from "./identity-forms-of.ts";
import { PairBook, type StoredPair } from "./pair-book.ts";
import type { TenantEntry } from "./tenant-entry.ts";

/** The newest event that was stored under an identity. */
export interface FoundIdentity extends KnownIdentity {
  readonly position: number;
  /** Digits of the contact's phone, their LID where no phone was known, or null. */
  readonly phone: string | null;
}

/** What the database says while the lane is locked: nobody else can change it before the commit. */
export interface LaneState {
  /** Newest position and body ever given. */
  readonly position: number;
  readonly body: number;
  readonly logs: ReadonlyMap<string, { readonly number: number; readonly head: number }>;
  readonly pairs: readonly StoredPair[];
  /** By digest. */
  readonly identities: ReadonlyMap<string, FoundIdentity>;
}

export interface EventToStore {
  readonly log: number;
  readonly position: number;
  readonly identity: string;
  readonly event: NewEvent;
  readonly stored: StoredEvent;
}

export interface BodyToStore {
  readonly id: number;
  readonly log: number;
  readonly body: NewBody;
}

export interface DuplicateToCount {
  readonly log: number;
  readonly instance: string;
  readonly cause: DuplicateCause;
}

/** What one transaction writes and answers. */
export interface AppendDecision {
  /** Of each entry; an error for one whose tenant does not exist. */
  readonly results: readonly (readonly AppendOutcome[] | RecadoError)[];
  readonly events: readonly EventToStore[];
  readonly bodies: readonly BodyToStore[];
  readonly duplicates: readonly DuplicateToCount[];
  readonly learnt: readonly (StoredPair & { readonly log: number })[];
  /** Newest offset of each log that got events, by the log's number. */
  readonly heads: ReadonlyMap<number, number>;
  /** Newest position and body with these. */
  readonly position: number;
  readonly body: number;
}

/** An entry that its caller made wrongly; the transaction must be done without it. */
export class WrongEntryError extends Error {
  readonly index: number;

  constructor(index: number, cause: unknown) {
    super("an entry cannot be stored", { cause });
    this.index = index;
  }
}

interface Place {
  readonly tenantId: string;
  readonly log: number;
  readonly body: NewBody | undefined;
  /** Set once the body is to be stored, which waits for the first event that is no duplicate. */
  bodyId: number | undefined;
}

/**
 * Numbers the entries' events and tells copies apart, in order, as if each entry had been committed before
 * the next. Pure but for the instance, which is for one transaction.
 */
export class AppendDecider {
  readonly #logs: LaneState["logs"];
  readonly #pairs: PairBook;
  readonly #identities: Map<string, FoundIdentity>;
  readonly #events: EventToStore[] = [];
  readonly #bodies: BodyToStore[] = [];
  readonly #duplicates: DuplicateToCount[] = [];
  readonly #heads = new Map<number, number>();
  #position: number;
  #body: number;

  constructor(state: LaneState) {
    this.#logs = state.logs;
    this.#pairs = new PairBook(state.pairs);
    this.#identities = new Map(state.identities);
    this.#position = state.position;
    this.#body = state.body;
  }

  /** Throws {@link WrongEntryError}; nothing of the transaction may be written then. */
  decide(entries: readonly TenantEntry[]): AppendDecision {
    const results = entries.map((entry, index) => {
      try {
        return this.#decideEntry(entry);
      } catch (error) {
        throw new WrongEntryError(index, error);
      }
    });
    const learnt = this.#pairs.learnt.map((pair) => ({
      ...pair,
      log: this.#logs.get(pair.tenantId)?.number ?? 0,
    }));
    return {
      results,
      learnt,
      events: this.#events,
      bodies: this.#bodies,
      duplicates: this.#duplicates,
      heads: this.#heads,
      position: this.#position,
      body: this.#body,
    };
  }

  #decideEntry(of: TenantEntry): readonly AppendOutcome[] | RecadoError {
    const log = this.#logs.get(of.tenantId);
    if (!log) return new RecadoError("not_found", ["there is no such tenant"]);
    learnFrom(of, this.#pairs);
    const { tenantId, entry } = of;
    const place = { tenantId, log: log.number, body: entry.body, bodyId: undefined };
    return entry.events.map((event) => this.#decideEvent(place, this.#withPhone(place, event)));
  }

  #withPhone({ tenantId }: Place, event: NewEvent): NewEvent {
    const { contactLid, instanceId } = event;
    if (contactLid === undefined || instanceId === undefined) return event;
    const [phone] = this.#pairs.formsOf(tenantId, instanceId, contactLid);
    if (phone === undefined) return event;
    return { ...event, phone: digitsOf(phone), json: withContactPhone(event.json, phone) };
  }

  #decideEvent(place: Place, event: NewEvent): AppendOutcome {
    const digest = digestOf(place.tenantId, event);
    const known = this.#find(place, event, digest);
    if (!known) return this.#store(place, event, digest, event.json);
    const verdict = judgeIdentity(known, event.identity, event.receivedAt);
    if (verdict.kind === "duplicate") {
      const instance = event.instanceId ?? "";
      this.#duplicates.push({ log: place.log, instance, cause: verdict.cause });
      return { kind: "duplicate", of: known.id, cause: verdict.cause };
    }
    const json = verdict.kind === "completes" ? withCompletes(event.json, known.id) : event.json;
    return this.#store(place, event, digest, json);
  }

  /** The newest event of the identity, under its text or under other addresses of the same people. */
  #find({ tenantId }: Place, event: NewEvent, digest: string): FoundIdentity | undefined {
    const exact = this.#identities.get(digest);
    // Once its content is there, the event under the same text has the last word.
    if (exact?.content_missing === 0) return exact;
    let newest = exact;
    for (const other of otherDigestsOf(tenantId, event, this.#pairs)) {
      const found = this.#identities.get(other);
      if (found && found.position > (newest?.position ?? 0) && !isOfAnother(found, event.phone))
        newest = found;
    }
    return newest;
  }

  #store(place: Place, event: NewEvent, identity: string, json: string): AppendOutcome {
    const head = this.#heads.get(place.log) ?? this.#logs.get(place.tenantId)?.head ?? 0;
    const offset = head + 1;
    const bodyId = this.#bodyOf(place);
    const stored: StoredEvent = {
      tenantId: place.tenantId,
      offset,
      id: event.id,
      type: event.type,
      ...(event.instanceId === undefined ? {} : { instanceId: event.instanceId }),
      ...(event.chatId === undefined ? {} : { chatId: event.chatId.toWellFormed() }),
      ...(bodyId === undefined ? {} : { bodyId }),
      index: event.index,
      receivedAt: event.receivedAt,
      json: withOffset(json.toWellFormed(), offset),
    };
    const position = this.#position + 1;
    this.#events.push({ log: place.log, position, identity, event, stored });
    this.#heads.set(place.log, offset);
    this.#position = position;
    this.#identities.set(identity, foundIdentity(event, position));
    return { kind: "appended", event: stored };
  }

  #bodyOf(place: Place): number | undefined {
    if (!place.body) return undefined;
    if (place.bodyId === undefined) {
      place.bodyId = this.#body += 1;
      this.#bodies.push({ id: place.bodyId, log: place.log, body: place.body });
    }
    return place.bodyId;
  }
}

function foundIdentity(event: NewEvent, position: number): FoundIdentity {
  const { identity } = event;
  return {
    position,
    id: event.id,
    phone: event.phone ?? event.contactLid ?? null,
    expires_at: identity.expiresAt ?? null,
    content_missing: identity.contentMissing ? 1 : 0,
    body_hash: bodyHashPrefix(identity.bodyHash),
    source: identity.source,
  };
}

/** A LID may have been somebody else's when the event was stored. */
function isOfAnother(found: FoundIdentity, phone: string | undefined): boolean {
  if (phone === undefined || found.phone === null || found.phone.includes("@")) return false;
  return found.phone !== phone;
}
