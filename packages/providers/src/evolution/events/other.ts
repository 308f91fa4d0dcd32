import type { EventDraft } from "../../contract.ts";
import { lasting } from "../../identity.ts";
import { chatAt, contactFrom, parseJid } from "../../jid.ts";
import { idAt, member, objectAt, wordAt } from "../../message/index.ts";
import { boundToBody, unread } from "../draft.ts";
import type { Webhook } from "../wire.ts";

/** Known events without a type of their own: kept whole. */

/** A typebot's session starts and ends; what it is about stands in the raw event. */
export function typebotDrafts(webhook: Webhook): readonly EventDraft[] {
  const { data } = webhook;
  const session = objectAt(data, "session");
  const remote = parseJid(member(data, "remoteJid"));
  const contact = remote === undefined ? undefined : contactFrom([remote.id]);
  return [
    {
      ...unread(webhook, 0, "no_canonical_type", typebotIdentity(webhook, session)),
      ...(remote ? { chat: chatAt(remote) } : {}),
      ...(contact ? { contact } : {}),
    },
  ];
}

function typebotIdentity(webhook: Webhook, session: unknown): EventDraft["identity"] {
  const { data } = webhook;
  const status = wordAt(data, "status") ?? null;
  const rowId = idAt(session, "id");
  if (rowId !== undefined) {
    return lasting("typebot", rowId, status, wordAt(session, "updatedAt") ?? null);
  }
  const sessionId = idAt(data, "sessionId");
  const remote = parseJid(member(data, "remoteJid"));
  if (sessionId === undefined || remote === undefined) return boundToBody(webhook, 0);
  return lasting("typebot", sessionId, { jid: remote.id });
}

export function untypedDrafts(webhook: Webhook): readonly EventDraft[] {
  return [unread(webhook, 0, webhook.name === "error" ? "provider_error" : "no_canonical_type")];
}
