import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSecretBox } from "../base/secret-box.ts";
import { ConfigError } from "../config/index.ts";
import { keysOpen } from "./backup-keys.ts";

const own = "11".repeat(32);
const other = "22".repeat(32);
const sealed = createSecretBox(Buffer.from(own, "hex")).seal("recado");

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "recado-keys-"));
  path = join(folder, "secrets.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const keep = (content: unknown): Promise<void> => writeFile(path, JSON.stringify(content));

test("the key of the file opens what was sealed with it, and another does not", async () => {
  await keep({ encryptionKey: own });
  expect(await keysOpen(sealed, undefined, path)).toBe(true);
  await keep({ encryptionKey: other });
  expect(await keysOpen(sealed, undefined, path)).toBe(false);
});

test("a key that is given comes before the one of the file, as at a start", async () => {
  await keep({ encryptionKey: other });
  expect(await keysOpen(sealed, own, path)).toBe(true);
  await keep({ encryptionKey: own });
  expect(await keysOpen(sealed, other, path)).toBe(false);
});

test("without a file, or with one that holds no such key, nothing is opened", async () => {
  expect(await keysOpen(sealed, undefined, path)).toBe(false);
  await keep({ adminKey: "0123456789abcdef" });
  expect(await keysOpen(sealed, undefined, path)).toBe(false);
});

test("where nothing was sealed yet, any key will do", async () => {
  expect(await keysOpen(undefined, undefined, path)).toBe(true);
});

test("what is no key is refused in plain words", async () => {
  await expect(keysOpen(sealed, "short", path)).rejects.toThrow(ConfigError);
});
