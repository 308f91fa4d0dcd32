import { createHash, randomBytes } from "node:crypto";
import { api } from "./gateway-process.ts";

export interface FileEvent {
  readonly id: string;
  readonly data: {
    readonly messageId: string;
    readonly content: {
      readonly media?: Readonly<Record<string, unknown>>;
      readonly text?: string;
    };
  };
  readonly raw?: { readonly data: { readonly message: Readonly<Record<string, unknown>> } };
}

/** A picture, as far as its first bytes say. */
export function picture(bytes: number): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(bytes)]);
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A message with a picture in it, as Evolution API sends it with `webhookBase64`. */
export function imageWebhook(
  id: string,
  bytes: Buffer,
  more: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({
    event: "messages.upsert",
    instance: "loja",
    data: {
      key: { remoteJid: "5511999990000@s.whatsapp.net", fromMe: false, id },
      messageType: "imageMessage",
      messageTimestamp: Math.floor(Date.now() / 1_000),
      message: {
        imageMessage: { mimetype: "image/jpeg", caption: "foto", mediaKey: "AAAA", ...more },
        base64: bytes.toString("base64"),
      },
    },
  });
}

/** Makes a number; answers the path of its webhook, wherever it stands in the answer. */
export async function webhookPath(
  url: string,
  instance: Readonly<Record<string, unknown>>,
): Promise<string> {
  const made = await api(url, "POST", "/instances", instance);
  const address = /https?:[^"]*\/in\/[^"]+/.exec(JSON.stringify(made))?.[0];
  return new URL(String(address)).pathname;
}

export async function eventsOf(url: string, messageId: string): Promise<readonly FileEvent[]> {
  const query = `/events?messageId=${messageId}&include=raw`;
  return (await api<{ data: FileEvent[] }>(url, "GET", query)).data;
}

/** Of the file of an event, as this machine reaches it. */
export function linkOf(event: FileEvent | undefined): string {
  return String(event?.data.content.media?.["url"]).replace("localhost", "127.0.0.1");
}
