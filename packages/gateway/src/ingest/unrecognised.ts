import { identityKey, type EventDraft } from "@recado/providers";

/** Repeats of a body without an identity count as one for this long; longer than any provider retries. */
const windowMs = 35 * 60_000;

const explanations: Readonly<Record<string, string>> = {
  no_instance:
    "The webhook names no instance, and its address belongs to a whole server or tenant.",
  says_nothing: "The provider sent this event without anything in it.",
  unreadable: "This version could not read the webhook; its body is kept as it came.",
};

/** An authentic webhook that became no other type: kept whole, visible, deliverable. */
export function unrecognisedDraft(
  eventName: string | undefined,
  reason: string,
  bodyHash: string,
): EventDraft {
  const explanation = explanations[reason];
  return {
    type: "provider.event",
    data: {
      ...(eventName !== undefined ? { event: eventName } : {}),
      reason,
      ...(explanation !== undefined ? { explanation } : {}),
    },
    identity: { key: identityKey("body", bodyHash, 0), windowMs },
  };
}

/** The draft with a warning that everybody sees who reads the event. */
export function withWarning(draft: EventDraft, warning: string | undefined): EventDraft {
  if (warning === undefined) return draft;
  const data = draft.data as { readonly warnings?: readonly string[] };
  return {
    ...draft,
    data: { ...data, warnings: [...(data.warnings ?? []), warning] },
  } as EventDraft;
}
