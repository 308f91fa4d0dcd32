import { documentedProviders } from "@recado/protocol";
import type { LiveEvent } from "../../log/live.ts";
import type { SocketEvent } from "./documented-events.ts";

/**
 * Bytes on the wire, built without Socket.IO's encoder: the JSON that is already stored is spliced in
 * instead of being written again for every reader.
 *
 * A packet is `2["<name>",<payload>]`: packet type EVENT (Socket.IO protocol 5, default namespace, no
 * acknowledgement id) and its arguments. In a WebSocket message Engine.IO 4 puts its own type
 * "message" (`4`) in front.
 */

/** Where the event stands in its log, for a client that wants to go on from there. */
export type CursorOf = (tenantId: string, offset: number) => string;

/** The Socket.IO packets of one event, in order. */
export function eventPackets(
  live: LiveEvent,
  events: readonly SocketEvent[],
  cursorOf: CursorOf,
): string[] {
  const { stored, event } = live;
  const tail = envelopeTail(live, cursorOf(stored.tenantId, stored.offset));
  const instance =
    event.instance === undefined ? "" : `,"instanceName":${JSON.stringify(event.instance.name)}`;
  let written: { readonly value: unknown; readonly json: string } | undefined;
  return events.map(({ name, data }) => {
    if (written === undefined || written.value !== data) {
      written = { value: data, json: data === event.data ? storedData(stored.json) : json(data) };
    }
    const quoted = JSON.stringify(name);
    // A quoted name starts with a quotation mark; the prefix goes right behind it.
    return `2["whatsapp:${quoted.slice(1)},{"event":${quoted}${instance},"data":${written.json},${tail}}]`;
  });
}

/** `JSON.stringify` answers undefined for what JSON cannot say; on the wire that is null. */
function json(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}

function envelopeTail({ stored, event }: LiveEvent, cursor: string): string {
  const provider =
    event.instance === undefined
      ? ""
      : `"provider":"${documentedProviders[event.instance.provider]}",`;
  return (
    `"timestamp":${JSON.stringify(event.occurredAt)},${provider}"id":${JSON.stringify(stored.id)},` +
    `"offset":${stored.offset},"cursor":${JSON.stringify(cursor)},` +
    `"tenantId":${JSON.stringify(stored.tenantId)},"type":${JSON.stringify(stored.type)}`
  );
}

/**
 * The text of `data`, the last member of a stored envelope. The first `"data":` is the right one:
 * inside a JSON string the quotation marks would be escaped, and no member before it has a `data`.
 */
function storedData(envelope: string): string {
  const key = '"data":';
  const at = envelope.indexOf(key);
  if (at < 0) throw new Error("a stored envelope has no data");
  return envelope.slice(at + key.length, -1);
}

const textMessage = 0x81;
const engineMessage = 0x34;

/**
 * The packets as WebSocket messages (RFC 6455 5.2: final, text, not masked, not compressed), one behind
 * the other in one buffer, so that all of them cost a connection one write.
 */
export function webSocketFrames(packets: readonly string[]): Buffer {
  const sizes = packets.map((packet) => Buffer.byteLength(packet) + 1);
  const total = sizes.reduce((sum, size) => sum + headerBytes(size) + size, 0);
  const buffer = Buffer.allocUnsafe(total);
  let at = 0;
  for (const [index, packet] of packets.entries()) {
    at = writeHeader(buffer, at, sizes[index] ?? 0);
    buffer[at] = engineMessage;
    at += 1 + buffer.write(packet, at + 1, "utf8");
  }
  return buffer;
}

function headerBytes(size: number): number {
  if (size < 126) return 2;
  return size < 65_536 ? 4 : 10;
}

function writeHeader(buffer: Buffer, at: number, size: number): number {
  buffer[at] = textMessage;
  if (size < 126) {
    buffer[at + 1] = size;
    return at + 2;
  }
  if (size < 65_536) {
    buffer[at + 1] = 126;
    return buffer.writeUInt16BE(size, at + 2);
  }
  buffer[at + 1] = 127;
  return buffer.writeBigUInt64BE(BigInt(size), at + 2);
}
