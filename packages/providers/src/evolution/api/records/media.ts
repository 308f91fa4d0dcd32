import type { ApiCall } from "../../../api/index.ts";
import { compact, idAt, textOf, member, wordAt } from "../../../message/index.ts";
import { signalOf, type CallOptions, type EvolutionContext } from "../context.ts";

/** A message's file. */
export interface EvolutionMedia {
  readonly bytes: Uint8Array;
  readonly mimetype?: string;
  /** As WhatsApp says it: untrusted, never a path. */
  readonly fileName?: string;
  readonly caption?: string;
  /** `imageMessage`, `audioMessage` … */
  readonly mediaType?: string;
}

export interface MediaOptions extends CallOptions {
  /** Voice notes as MP4 instead of OGG. Default false. */
  readonly convertToMp4?: boolean;
  /** Longest file that is read, bytes. Default 16 MiB. */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 16 * 1024 * 1024;
/** What stands in the answer beside the file. */
const answerReserve = 64 * 1024;
const base64Text = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The file of a message that the server stored, by WhatsApp's id of the message. Rejects with
 * `not_found` when the message is not stored, `invalid_request` when it has no file, and
 * `unexpected_answer` when the file is longer than `maxBytes`.
 */
export async function media(
  context: EvolutionContext,
  instance: string,
  messageId: string,
  options: MediaOptions = {},
): Promise<EvolutionMedia> {
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  const call: ApiCall = {
    method: "POST",
    path: "/chat/getBase64FromMediaMessage/:instance",
    parts: { instance },
    body: { message: { key: { id: messageId } }, convertToMp4: options.convertToMp4 ?? false },
    // The server loads the file from WhatsApp first.
    timeoutMs: context.caller.timeoutMs * 4,
    maxBytes: Math.ceil((maxBytes * 4) / 3) + answerReserve,
    // It only reads.
    repeatable: true,
    ...signalOf(options),
  };
  const { value } = await context.caller.json(call);
  const text = textOf(member(value, "base64"))?.replace(/^data:[^,]*,/, "") ?? "";
  if (!base64Text.test(text)) {
    // The whole answer is not shown: it may be a file all the same.
    throw context.caller.failure(call, "unexpected_answer", "the answer has no file");
  }
  const bytes = Buffer.from(text, "base64");
  if (bytes.length > maxBytes) {
    throw context.caller.failure(call, "unexpected_answer", "the file is longer than allowed");
  }
  return compact<EvolutionMedia>({
    bytes,
    mimetype: wordAt(value, "mimetype"),
    fileName: idAt(value, "fileName"),
    caption: wordAt(value, "caption"),
    mediaType: wordAt(value, "mediaType"),
  });
}
