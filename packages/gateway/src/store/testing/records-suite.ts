import { describe, expect, it } from "vitest";
import { tenantA, tenantB } from "./new-records.ts";
import { useStore, type NewPlace } from "./store-place.ts";

/** What every store's {@link Records} must do. */
export function recordsSuite(name: string, newPlace: NewPlace): void {
  describe(`${name}: records`, () => {
    const inUse = useStore(newPlace, [tenantA, tenantB]);

    it("are found under their tenant, kind and key only, and survive a restart", async () => {
      const { records } = inUse.store;
      await records.put(tenantA, "number", "ins_1", { state: "open", é: ["\u0000", null] });
      await (await inUse.reopen()).records.put(tenantB, "number", "ins_1", { state: "close" });
      const { records: again } = inUse.store;
      expect(await again.get(tenantA, "number", "ins_1")).toEqual({
        key: "ins_1",
        value: { state: "open", é: ["\u0000", null] },
        version: 1,
      });
      expect(await again.get(tenantA, "pairing", "ins_1")).toBeUndefined();
      expect(await again.get(tenantA, "number", "INS_1")).toBeUndefined();
      expect(await again.list(tenantA, "number", { limit: 10 })).toHaveLength(1);
      expect(await again.delete(tenantB, "number", "ins_1")).toBe(true);
      expect(await again.delete(tenantB, "number", "ins_1")).toBe(false);
      expect(await again.get(tenantA, "number", "ins_1")).toBeDefined();
    });

    it("of two changes of one version, exactly one is made", async () => {
      const { records } = inUse.store;
      const put = (n: number, version: number) =>
        records.putIf(tenantA, "pairing", "link", { n }, version);
      const created = await Promise.all([put(1, 0), put(2, 0), put(3, 0)]);
      expect(created.filter(Boolean)).toHaveLength(1);
      const changed = await Promise.all([put(4, 1), put(5, 1), put(6, 2)]);
      expect(changed).toEqual([true, false, true]);
      expect(await records.get(tenantA, "pairing", "link")).toMatchObject({
        value: { n: 6 },
        version: 3,
      });
    });

    it("are listed by key, page by page", async () => {
      const { records } = inUse.store;
      for (const key of ["c", "a", "b", "d"]) await records.put(tenantA, "k", key, { key });
      const first = await records.list(tenantA, "k", { limit: 3 });
      expect(first.map((record) => record.key)).toEqual(["a", "b", "c"]);
      const rest = await records.list(tenantA, "k", { afterKey: "c", limit: 3 });
      expect(rest.map((record) => record.key)).toEqual(["d"]);
    });

    it("go with their tenant, and none is made for a tenant that is gone", async () => {
      const { records, directory } = inUse.store;
      await records.put(tenantA, "pairing", "hash", { a: 1 });
      expect(await records.findAnywhere("pairing", "hash")).toMatchObject({
        tenantId: tenantA.tenantId,
        value: { a: 1 },
      });
      await directory.deleteTenant(tenantA.tenantId);
      expect(await records.findAnywhere("pairing", "hash")).toBeUndefined();
      await records.put(tenantA, "pairing", "late", { a: 1 });
      expect(await records.findAnywhere("pairing", "late")).toBeUndefined();
    });
  });
}
