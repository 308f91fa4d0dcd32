import { z } from "zod";

/**
 * What a message says, in one shape for every provider.
 *
 * Providers disagree on names, nesting and spelling; a consumer reads `content.kind` and never meets
 * them. What no table knows becomes `unknown`, and the provider's own body stays in `raw`.
 */

/** A file that belongs to a message. Absent fields were not said by the provider; none is guessed. */
export const mediaSchema = z.object({
  /**
   * Where the file can be fetched without a WhatsApp key: our own link, which is made anew at each reading and
   * expires, for a file that came inside the body or is fetched from the number's configured server; else the
   * provider's.
   */
  url: z.string().optional(),
  mimetype: z.string().optional(),
  /** Bytes. */
  size: z.number().int().nonnegative().optional(),
  /** Of the clear file, lower-case hex. */
  sha256: z.string().optional(),
  filename: z.string().optional(),
  /** Audio and video. */
  seconds: z.number().nonnegative().optional(),
  width: z.number().int().nonnegative().optional(),
  height: z.number().int().nonnegative().optional(),
  pages: z.number().int().nonnegative().optional(),
  /** The file itself came inside the provider's body (base64) and is so small that it still is in `raw`. */
  inline: z.literal(true).optional(),
  /** Why there is no file: the provider's own words, shortened to one line, or why it could not be fetched. */
  error: z.string().optional(),
});
export type Media = z.infer<typeof mediaSchema>;

/** The message this one answers. */
export const quotedSchema = z.object({
  messageId: z.string(),
  /** Who wrote the quoted message, as an address; absent when the provider leaves it empty. */
  participant: z.string().optional(),
  text: z.string().optional(),
});
export type Quoted = z.infer<typeof quotedSchema>;

/** What a person tapped on: a button, a list row, a template or native-flow answer. */
export const replySchema = z.object({ id: z.string().optional(), title: z.string().optional() });
export type Reply = z.infer<typeof replySchema>;

const common = {
  text: z.string().optional(),
  caption: z.string().optional(),
  media: mediaSchema.optional(),
  quoted: quotedSchema.optional(),
  /** Addresses mentioned, in the order of the provider's list. */
  mentions: z.array(z.string()).optional(),
  forwarded: z.literal(true).optional(),
  viewOnce: z.literal(true).optional(),
  /** The provider sent the message without its content (view once, not decrypted yet, stub). */
  unavailable: z.literal(true).optional(),
  /** The message came from a click-to-WhatsApp ad; only what the provider says in clear. */
  ad: z
    .object({
      source: z.string().optional(),
      title: z.string().optional(),
      body: z.string().optional(),
      url: z.string().optional(),
      sourceId: z.string().optional(),
      app: z.string().optional(),
    })
    .optional(),
  /** The provider's own name of the content, for example `eventMessage`; always set for `unknown` and `system` when there is one. */
  providerType: z.string().optional(),
};

export const contentSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("text"), ...common }),
  z.object({ kind: z.literal("image"), ...common }),
  z.object({ kind: z.literal("video"), ...common }),
  z.object({ kind: z.literal("audio"), ...common }),
  z.object({ kind: z.literal("voice"), ...common }),
  z.object({ kind: z.literal("document"), ...common }),
  z.object({ kind: z.literal("sticker"), ...common }),
  z.object({
    kind: z.literal("location"),
    ...common,
    latitude: z.number().optional(),
    longitude: z.number().optional(),
    name: z.string().optional(),
    address: z.string().optional(),
    live: z.literal(true).optional(),
  }),
  z.object({
    kind: z.literal("contact"),
    ...common,
    contacts: z.array(z.object({ name: z.string().optional(), vcard: z.string().optional() })),
  }),
  z.object({
    kind: z.literal("reaction"),
    ...common,
    /** Empty when the reaction was taken back. */
    emoji: z.string(),
    targetMessageId: z.string().optional(),
  }),
  z.object({
    kind: z.literal("poll"),
    ...common,
    name: z.string().optional(),
    options: z.array(z.string()),
    /** How many options one person may choose; 0 means any number. */
    selectable: z.number().int().nonnegative().optional(),
  }),
  z.object({
    kind: z.literal("buttons"),
    ...common,
    reply: replySchema.optional(),
    buttons: z.array(replySchema).optional(),
  }),
  z.object({
    kind: z.literal("list"),
    ...common,
    reply: replySchema.optional(),
    rows: z.array(replySchema).optional(),
  }),
  z.object({
    kind: z.literal("order"),
    ...common,
    orderId: z.string().optional(),
    items: z.number().int().nonnegative().optional(),
    currency: z.string().optional(),
    /** In units of the currency (WhatsApp's thousandths already divided). */
    total: z.number().optional(),
    /** Payment methods offered, for example `pix_static_code`; set for payment requests. */
    payment: z.array(z.string()).optional(),
  }),
  z.object({
    kind: z.literal("product"),
    ...common,
    productId: z.string().optional(),
    title: z.string().optional(),
  }),
  z.object({
    kind: z.literal("template"),
    ...common,
    reply: replySchema.optional(),
    buttons: z.array(replySchema).optional(),
  }),
  z.object({ kind: z.literal("system"), ...common }),
  z.object({ kind: z.literal("unknown"), ...common }),
]);

/** Content of a message; narrow on `kind`. */
export type MessageContent = z.infer<typeof contentSchema>;
export type ContentKind = MessageContent["kind"];
