import { hash, randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { MediaKeys } from "../links/media-keys.ts";
import { lightenBody, type TakenFile } from "./lighten-body.ts";
import type { LightenCall, LightenPlace, LightenReply, WrittenFile } from "./lighten-messages.ts";

/** The thread that takes files out of bodies: everything that would hold up the loop happens here. */

const { incoming, key } = workerData as LightenPlace;
const keys = new MediaKeys(key);
const port = parentPort;
if (!port) throw new Error("the media thread is started as a thread");

/** On disk, synced, when it returns. */
function write({ sha256, bytes }: TakenFile): WrittenFile {
  const path = join(incoming, randomUUID());
  const file = openSync(path, "wx", 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return { sha256, path, size: bytes.length };
}

function writeAll(files: readonly TakenFile[]): readonly WrittenFile[] {
  const written: WrittenFile[] = [];
  try {
    for (const file of files) written.push(write(file));
    return written;
  } catch (error) {
    for (const { path } of written) rmSync(path, { force: true });
    throw error;
  }
}

function reply({ id, tenantId, bytes }: LightenCall): LightenReply {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const light = lightenBody(keys, tenantId, buffer);
  const files = light ? writeAll(light.files) : [];
  // A copy of its own, so that nothing else goes along.
  const lightBytes = light ? { light: new Uint8Array(light.bytes) } : {};
  return { id, ok: true, bytes, bodyHash: hash("sha256", buffer, "hex"), files, ...lightBytes };
}

port.on("message", (call: LightenCall) => {
  try {
    const answer = reply(call);
    const moved = [call.bytes.buffer as ArrayBuffer];
    if (answer.ok && answer.light) moved.push(answer.light.buffer as ArrayBuffer);
    port.postMessage(answer, moved);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    port.postMessage({ id: call.id, ok: false, message } satisfies LightenReply, []);
  }
});
