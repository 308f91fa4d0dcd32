import { eventDataSchemas } from "@recado/protocol";
import { expect } from "vitest";
import type { EventDraft } from "../contract.ts";
import { parseJid } from "../jid.ts";

/** What must hold for every draft of every body, however strange. */
export function expectValidDraft(draft: EventDraft): void {
  expect(eventDataSchemas[draft.type].parse(draft.data)).toEqual(draft.data);
  if (draft.occurredAt !== undefined) {
    expect(Number.isInteger(draft.occurredAt)).toBe(true);
    expect(new Date(draft.occurredAt).toISOString()).toMatch(/^\d{4}-/);
  }
  if (draft.chat !== undefined) {
    expect(parseJid(draft.chat.id)).toMatchObject({ id: draft.chat.id, kind: draft.chat.kind });
  }
  if (draft.contact !== undefined) {
    const { jid, lid, phone } = draft.contact;
    expect(parseJid(jid)).toMatchObject({ id: jid, kind: "person" });
    if (lid !== undefined) expect(parseJid(lid)).toMatchObject({ id: lid, isLid: true });
    if (phone !== undefined) expect(phone).toMatch(/^\d+$/);
  }
  const identity = JSON.parse(draft.identity.key) as unknown;
  expect(Array.isArray(identity) && identity.length >= 2).toBe(true);
}

/** Digits that a body itself calls a phone: in front of a phone address, or standing alone as a text. */
export function phonesIn(body: unknown): ReadonlySet<string> {
  const text = JSON.stringify(body) ?? "";
  const found = text.matchAll(
    /(\d{5,20})(?:[.:_]\d+)*@(?:s\.whatsapp\.net|c\.us)|"\+?(\d{5,20})"/g,
  );
  return new Set([...found].map((match) => match[1] ?? match[2] ?? ""));
}

/** Digits that a body calls a LID or a group. */
export function otherDigitsIn(body: unknown): ReadonlySet<string> {
  const text = JSON.stringify(body) ?? "";
  const found = text.matchAll(/(\d{5,20})(?:[.:_]\d+)*@(?:lid|hosted\.lid|g\.us|newsletter)/g);
  return new Set([...found].map((match) => match[1] ?? ""));
}
