import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { unpackedAnswer } from "./unpacked-answer.ts";

const text = JSON.stringify({ all: "well", long: "x".repeat(500) });
const answer = (encoding: string, body: Uint8Array, truncated?: boolean) => ({
  status: 200,
  headers: { "content-encoding": encoding },
  body,
  ...(truncated === undefined ? {} : { truncated }),
});

test.each([
  ["gzip", gzipSync(text)],
  [" GZIP ", gzipSync(text)],
  ["x-gzip", gzipSync(text)],
  ["deflate", deflateSync(text)],
  ["br", brotliCompressSync(text)],
  ["zstd", zstdCompressSync(text)],
])("an answer that came as %s although nothing of it was asked for is read", async (name, body) => {
  const { body: unpacked } = await unpackedAnswer(answer(name, body), 10_000);
  expect(Buffer.from(unpacked).toString()).toBe(text);
});

test.each(["gzip", "deflate", "br", "zstd", "identity", "", "gzip, br", "constructor"])(
  "a body that is not packed stays as it is under the header %j",
  async (encoding) => {
    const given = answer(encoding, Buffer.from(text));
    expect(await unpackedAnswer(given, 10_000)).toEqual(given);
  },
);

test("a small answer that unpacks to a huge one is cut at the limit", async () => {
  const bomb = answer("gzip", gzipSync(Buffer.alloc(5_000_000)));
  const { truncated, body } = await unpackedAnswer(bomb, 1_000);
  expect([truncated, body.length]).toEqual([true, 1_000]);
});

test("what was cut off on its way is not unpacked", async () => {
  const half = answer("gzip", gzipSync(text).subarray(0, 20), true);
  expect(await unpackedAnswer(half, 10_000)).toBe(half);
});
