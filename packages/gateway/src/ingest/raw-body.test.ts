import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { BodyRoom, readBody } from "./raw-body.ts";

function sender(): { readonly stream: PassThrough; readonly message: IncomingMessage } {
  const stream = new PassThrough();
  // What is read of a request is its stream.
  return { stream, message: stream as unknown as IncomingMessage };
}

describe("bodies that arrive", () => {
  it("are read whole, and give their room back", async () => {
    const room = new BodyRoom(100);
    const { stream, message } = sender();
    const body = readBody(message, 50, room);
    stream.write("abc");
    stream.end("def");
    expect((await body).toString()).toBe("abcdef");
    expect(room.used).toBe(0);
  });

  it("of an announced size are put together while they come, whatever the parts are", async () => {
    const room = new BodyRoom(1_000_000);
    const text = Array.from({ length: 60_000 }, (_, index) => String(index)).join();
    const { stream, message } = sender();
    const body = readBody(message, 500_000, room, text.length);
    for (let at = 0; at < text.length; at += 7_777) stream.write(text.slice(at, at + 7_777));
    stream.end();
    expect((await body).toString()).toBe(text);
    expect(room.used).toBe(0);
  });

  it("cannot fill the memory by stopping short: the one that does not fit is refused, to be sent again", async () => {
    const room = new BodyRoom(100);
    const stalled = sender();
    const waiting = readBody(stalled.message, 80, room);
    stalled.stream.write("a".repeat(70));
    await new Promise((resolve) => setImmediate(resolve));
    expect(room.used).toBe(70);

    const next = sender();
    const refused = readBody(next.message, 80, room);
    next.stream.end("b".repeat(40));
    await expect(refused).rejects.toMatchObject({ code: "store_unavailable" });
    expect(room.used).toBe(70);

    stalled.stream.destroy();
    await expect(waiting).rejects.toMatchObject({ code: "request_timeout" });
    expect(room.used).toBe(0);
  });

  it("over the limit are thrown away while they are still arriving, and refused at their end", async () => {
    const room = new BodyRoom(1_000);
    const { stream, message } = sender();
    const refused = readBody(message, 10, room);
    stream.write("a".repeat(8));
    stream.write("a".repeat(8));
    await new Promise((resolve) => setImmediate(resolve));
    expect(room.used).toBe(0);
    stream.end();
    await expect(refused).rejects.toMatchObject({ code: "body_too_large" });
  });

  it("that break off are the sender's doing, not a failure of ours", async () => {
    const room = new BodyRoom(100);
    const { stream, message } = sender();
    const refused = readBody(message, 50, room);
    stream.write("abc");
    stream.destroy(Object.assign(new Error("aborted"), { code: "ECONNRESET" }));
    await expect(refused).rejects.toMatchObject({ code: "request_timeout" });
    expect(room.used).toBe(0);
  });
});
