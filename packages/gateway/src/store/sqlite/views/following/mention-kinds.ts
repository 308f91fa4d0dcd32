/** What an event says about a message. Those up to `notice` are messages themselves. Numbers are stored. */
export const mention = {
  message: 1,
  /** A message of WhatsApp's own, which nobody wrote: it is listed and never unread. */
  notice: 2,
  edit: 3,
  deletion: 4,
  reaction: 5,
  vote: 6,
  ack: 7,
} as const;
export type MentionKind = (typeof mention)[keyof typeof mention];

/** What the newest event says about a chat or a person. Numbers are stored. */
export const fact = {
  name: 1,
  /** Messages that the provider counts as unread. */
  unread: 2,
  /** We have read the chat. */
  read: 3,
  archived: 4,
  deleted: 5,
  /** All members of a group were told. */
  roster: 6,
} as const;
export type FactKind = (typeof fact)[keyof typeof fact];
