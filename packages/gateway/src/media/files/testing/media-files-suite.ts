import { createHash, randomBytes } from "node:crypto";
import { access, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SettableClock } from "../../../base/testing/settable-clock.ts";
import type { MediaFiles } from "../media-files.ts";

/** One store, opened. */
export interface FilesStage {
  readonly files: MediaFiles;
  readonly clock: SettableClock;
  /** The same store as another process finds it. */
  again(): MediaFiles;
  /** Puts something among the files that is none of ours. */
  addStranger(name: string): Promise<void>;
  /** Names of everything that is stored, strangers included. */
  names(): Promise<readonly string[]>;
  end(): Promise<void>;
}

const acme = "a".repeat(32);
const rival = "b".repeat(32);

function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What every store of files promises. */
export function mediaFilesSuite(name: string, start: () => Promise<FilesStage>): void {
  describe(`${name}: files by their content`, () => {
    let stage: FilesStage;
    let files: MediaFiles;
    beforeEach(async () => {
      stage = await start();
      ({ files } = stage);
    });
    afterEach(() => stage.end());

    async function put(bytes: Buffer, tenant = acme): Promise<string> {
      const sha256 = sha256Of(bytes);
      const path = join(files.incoming, randomBytes(8).toString("hex"));
      await writeFile(path, bytes);
      await files.put(tenant, sha256, path);
      return sha256;
    }

    async function content(sha256: string, tenant = acme): Promise<Buffer | undefined> {
      const file = await files.read(tenant, sha256);
      try {
        return await file?.bytes();
      } finally {
        await file?.close();
      }
    }

    it("what is put is there whole, for another process too, and no longer where it came from", async () => {
      const bytes = randomBytes(300_000);
      const sha256 = await put(bytes);
      expect((await content(sha256))?.equals(bytes)).toBe(true);
      expect(await readdir(files.incoming)).toEqual([]);
      const other = stage.again();
      const file = await other.read(acme, sha256);
      expect([file?.size, (await file?.bytes())?.equals(bytes)]).toEqual([bytes.length, true]);
      await file?.close();
      await other.close();
    });

    it.each([
      [0, 0],
      [0, 99_999],
      [41, 42],
      [99_999, 99_999],
    ])("a part of it is exactly that: %i to %i", async (start, end) => {
      const bytes = randomBytes(100_000);
      const file = await files.read(acme, await put(bytes));
      const stream = await file?.stream(start, end);
      if (!stream) throw new Error("there is no file");
      expect((await buffer(stream)).equals(bytes.subarray(start, end + 1))).toBe(true);
    });

    it("an empty one is one too", async () => {
      const file = await files.read(acme, await put(Buffer.alloc(0)));
      expect([file?.size, (await file?.bytes())?.length]).toEqual([0, 0]);
      await file?.close();
    });

    it("a reader that stops in the middle holds up nothing", async () => {
      const bytes = randomBytes(3_000_000);
      const file = await files.read(acme, await put(bytes));
      const stream = await file?.stream(0, bytes.length - 1);
      for await (const chunk of stream ?? []) {
        expect((chunk as Buffer).length).toBeGreaterThan(0);
        break;
      }
      await expect.poll(() => stream?.destroyed).toBe(true);
      expect((await content(sha256Of(bytes)))?.equals(bytes)).toBe(true);
    });

    it("the same one twice, also at once, is one file", async () => {
      const bytes = randomBytes(1_000);
      await Promise.all([put(bytes), put(bytes)]);
      const sha256 = await put(bytes);
      expect(await stage.names()).toHaveLength(1);
      expect(await content(sha256)).toEqual(bytes);
    });

    it("each tenant has its own: neither another's is seen, nor does it go with another's", async () => {
      const bytes = randomBytes(1_000);
      const sha256 = await put(bytes);
      expect(await files.read(rival, sha256)).toBeUndefined();
      await put(bytes, rival);
      expect(await files.tenantParts()).toEqual([acme, rival]);
      await files.expire(acme, Infinity, 10);
      expect(await content(sha256)).toBeUndefined();
      expect(await content(sha256, rival)).toEqual(bytes);
    });

    it("one that is not there is none, and of no tenant nothing goes", async () => {
      expect(await files.read(acme, "0".repeat(64))).toBeUndefined();
      expect(await files.tenantParts()).toEqual([]);
      expect(await files.expire(acme, Infinity, 10)).toMatchObject({ files: 0, keptFiles: 0 });
    });

    it.each([
      ["../x", "0".repeat(64)],
      [acme, "../../etc/passwd"],
      [acme.toUpperCase(), "0".repeat(64)],
      [acme, `${"0".repeat(63)}/`],
      ["", ""],
    ])("no name is a path: %j %j", async (tenant, sha256) => {
      await expect(files.read(tenant, sha256)).rejects.toThrow("named by two hashes");
      expect(() => files.hold(tenant, [sha256])).toThrow("named by two hashes");
      const path = join(files.incoming, "x");
      await writeFile(path, "x");
      await expect(files.put(tenant, sha256, path)).rejects.toThrow("named by two hashes");
    });

    it("the older ones go, a few at a time, and what is left is counted", async () => {
      for (let at = 0; at < 5; at++) await put(randomBytes(100 + at));
      const between = stage.clock.now() + 1_000;
      stage.clock.set(between + 1_000);
      const young = await put(randomBytes(7));
      expect(await files.expire(acme, between, 3)).toMatchObject({ files: 3 });
      const last = await files.expire(acme, between, 3);
      expect(last).toMatchObject({ files: 2, keptFiles: 1, keptBytes: 7 });
      expect((await content(young))?.length).toBe(7);
      expect(await stage.names()).toHaveLength(1);
    });

    it("one that came again is as young as its last coming", async () => {
      const bytes = randomBytes(100);
      await put(bytes);
      const between = stage.clock.now() + 1_000;
      stage.clock.set(between + 1_000);
      const sha256 = await put(bytes);
      expect(await files.expire(acme, between, 10)).toMatchObject({ files: 0, keptFiles: 1 });
      expect(await content(sha256)).toEqual(bytes);
    });

    it("one that is held stays until everybody let go", async () => {
      const sha256 = await put(randomBytes(100));
      const letGo = [files.hold(acme, [sha256]), files.hold(acme, [sha256])];
      for (const release of letGo) {
        expect(await files.expire(acme, Infinity, 10)).toMatchObject({ files: 0, keptFiles: 1 });
        release();
        release();
      }
      expect(await files.expire(acme, Infinity, 10)).toMatchObject({ files: 1, keptFiles: 0 });
    });

    it("one that comes while it goes is there afterwards, whichever of both is quicker", async () => {
      const bytes = randomBytes(100);
      for (let round = 0; round < 12; round++) {
        const sha256 = await put(bytes);
        const expired = files.expire(acme, Infinity, 10);
        for (let turn = 0; turn < round * 2; turn++) await setImmediate();
        const release = files.hold(acme, [sha256]);
        await Promise.all([put(bytes), expired]);
        expect(await content(sha256)).toEqual(bytes);
        release();
      }
    });

    it("what a crash left is gone after the next opening, and nothing else is", async () => {
      const sha256 = await put(randomBytes(100));
      await writeFile(join(files.incoming, "half"), "x");
      const other = stage.again();
      await other.open();
      expect(await readdir(other.incoming)).toEqual([]);
      await access(other.incoming);
      const file = await other.read(acme, sha256);
      expect((await file?.bytes())?.length).toBe(100);
      await file?.close();
      await other.close();
    });

    it("what somebody else put there is never taken for a file", async () => {
      await put(randomBytes(100));
      const strangers = ["notes.txt", `${"c".repeat(31)}/aa/x`, `${acme}/aa/notes`, `${acme}/x`];
      for (const stranger of strangers) await stage.addStranger(stranger);
      expect(await files.tenantParts()).toEqual([acme]);
      expect(await files.expire(acme, Infinity, 10)).toMatchObject({ files: 1, keptFiles: 0 });
      expect(await stage.names()).toHaveLength(strangers.length);
    });
  });
}
