import type { EventDraft, JsonObject, NormaliseContext } from "../contract.ts";
import { unread } from "./draft.ts";
import type { EvolutionEventName } from "./event-names.ts";
import { deletedDrafts, editedDrafts } from "./events/edits.ts";
import { groupDrafts, participantDrafts } from "./events/groups.ts";
import { historyDrafts } from "./events/history.ts";
import { connectionDrafts, lifeDrafts, qrDrafts, statusDrafts } from "./events/instance.ts";
import { labelAssignedDrafts, labelDrafts } from "./events/labels.ts";
import { callDrafts, presenceDrafts } from "./events/live.ts";
import { messageDrafts } from "./events/messages.ts";
import { typebotDrafts, untypedDrafts } from "./events/other.ts";
import { chatDeletedDrafts, chatDrafts, contactDrafts } from "./events/people.ts";
import { updateDrafts } from "./events/updates.ts";
import { hasEnvelope, isReadable, readWebhook, withSoleRow, type Webhook } from "./wire.ts";

/**
 * From an Evolution webhook to event drafts.
 *
 * Owns: which family of events reads which name. Must not know: tenants, earlier events, other
 * providers.
 *
 * I1 One draft an item, in the body's order; bulk sets are one draft a body.
 * I2 A body of another shape becomes `provider.event`, never a message of an invented instance.
 * I3 Nothing throws, whatever the JSON.
 * Proven by `evolution.test.ts`, on every fixture and on any JSON.
 */

type Family = (webhook: Webhook) => readonly EventDraft[];

/** A family whose events are about one thing, which some servers put into a list. */
const alone =
  (family: Family): Family =>
  (webhook) =>
    family(withSoleRow(webhook));

const families: Readonly<Record<EvolutionEventName, Family>> = {
  "application.startup": untypedDrafts,
  "qrcode.updated": qrDrafts,
  "connection.update": connectionDrafts,
  "status.instance": statusDrafts,
  "messages.set": historyDrafts,
  "messages.upsert": messageDrafts,
  "messages.edited": editedDrafts,
  "messages.update": updateDrafts,
  "messages.delete": deletedDrafts,
  "send.message": messageDrafts,
  "send.message.update": editedDrafts,
  "messaging-history.set": alone(historyDrafts),
  "contacts.set": historyDrafts,
  "contacts.upsert": contactDrafts,
  "contacts.update": contactDrafts,
  "chats.set": historyDrafts,
  "chats.upsert": chatDrafts,
  "chats.update": chatDrafts,
  "chats.delete": chatDeletedDrafts,
  "presence.update": presenceDrafts,
  "groups.upsert": groupDrafts,
  "groups.update": groupDrafts,
  "group-participants.update": participantDrafts,
  "labels.edit": labelDrafts,
  "labels.association": labelAssignedDrafts,
  call: callDrafts,
  "typebot.start": alone(typebotDrafts),
  "typebot.change-status": alone(typebotDrafts),
  "remove.instance": alone(lifeDrafts),
  "logout.instance": alone(lifeDrafts),
  "instance.create": alone(lifeDrafts),
  "instance.delete": alone(lifeDrafts),
  "new.jwt.token": untypedDrafts,
  "chama.ai.action": untypedDrafts,
  error: untypedDrafts,
};

export function normalise(body: JsonObject, context: NormaliseContext): readonly EventDraft[] {
  const webhook = readWebhook(body, context);
  if (!hasEnvelope(body)) return [unread(webhook, 0, "foreign_shape")];
  if (webhook.spelling === "") return [unread(webhook, 0, "missing_event")];
  if (!isReadable(body)) return [unread(webhook, 0, "evolution_go_shape")];
  if (webhook.name === undefined) return [unread(webhook, 0, "unknown_event")];
  const drafts = families[webhook.name](webhook);
  const saysNothing = webhook.name === "presence.update";
  return drafts.length > 0 || saysNothing ? drafts : [unread(webhook, 0, "missing_data")];
}
