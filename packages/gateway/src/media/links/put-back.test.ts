import { expect, it } from "vitest";
import { MediaKeys } from "./media-keys.ts";
import { putFilesBack } from "./put-back.ts";

const keys = new MediaKeys(Buffer.alloc(32, 3));

it.each([
  ["prefixes in one long text", `"${"recado-media:".repeat(200_000)}"`],
  [
    "objects in one another that begin like ours",
    `${'{"url":"recado-media:x","a":'.repeat(60_000)}1${"}".repeat(60_000)}`,
  ],
  ["objects of ours that never end", `["${'{"url":"recado-media:'.repeat(100_000)}`],
])("a body full of %s is read once and stays as it is", async (_what, text) => {
  const files = { read: () => expect.fail("nothing of it is a file") };
  expect(await putFilesBack({ keys, files } as never, "acme", text)).toBe(text);
});
