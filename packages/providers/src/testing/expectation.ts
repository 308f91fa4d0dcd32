import type { ContentKind, EventType } from "@recado/protocol";
import type { EventDraft } from "../contract.ts";
import type { IdentityPart } from "../identity.ts";

/**
 * What one draft must say. A member that is left out must be absent in the draft, so that nothing can
 * be invented unseen; `data` alone is compared in part.
 */
export interface DraftExpectation {
  readonly type: EventType;
  readonly chat?: string;
  /** The contact's address. */
  readonly contact?: string;
  readonly lid?: string;
  readonly phone?: string;
  readonly name?: string;
  readonly fromMe?: boolean;
  readonly content?: ContentKind;
  /** ISO-8601; left out where the provider gives no time to trust and arrival counts. */
  readonly occurredAt?: string;
  /** Kind and parts, or `body` for the whole body inside the retry window. */
  readonly identity: "body" | readonly [string, ...IdentityPart[]];
  readonly contentMissing?: true;
  /** Compared with `toMatchObject`. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The drafts of one body, in order; `unrecognised` for what has not this provider's envelope. */
export type Expectation = "unrecognised" | readonly DraftExpectation[];

function contentKind(draft: EventDraft): ContentKind | undefined {
  return "content" in draft.data ? draft.data.content?.kind : undefined;
}

function identityOf(draft: EventDraft): DraftExpectation["identity"] {
  const parts = JSON.parse(draft.identity.key) as [string, ...IdentityPart[]];
  return parts[0] === "body" ? "body" : parts;
}

/** A draft in the shape of an expectation, without `data`. */
export function summaryOf(draft: EventDraft): DraftExpectation {
  const { occurredAt } = draft;
  const summary = {
    type: draft.type,
    chat: draft.chat?.id,
    contact: draft.contact?.jid,
    lid: draft.contact?.lid,
    phone: draft.contact?.phone,
    name: draft.contact?.name,
    fromMe: draft.fromMe,
    content: contentKind(draft),
    occurredAt: occurredAt === undefined ? undefined : new Date(occurredAt).toISOString(),
    identity: identityOf(draft),
    contentMissing: draft.contentMissing,
  };
  const said = Object.entries(summary).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as unknown as DraftExpectation;
}
