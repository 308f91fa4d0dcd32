import { describe, expect, test } from "vitest";
import type { LearntPair, NewEvent, PersonPair } from "../contract/index.ts";
import { entryOf, newEvent, newTenant, tenantA, tenantB } from "./new-records.ts";
import { useStore, type NewPlace } from "./store-place.ts";

const maria: PersonPair = { lid: "120000000000105@lid", phone: "5511900000105@s.whatsapp.net" };
const joao: PersonPair = { lid: "120000000000106@lid", phone: "5511900000106@s.whatsapp.net" };

/** What every memory of people promises (`store/contract/people.ts`). */
export function peopleSuite(name: string, newPlace: NewPlace): void {
  describe(`people: ${name}`, () => {
    const use = useStore(newPlace, [tenantA, tenantB]);
    let made = 0;
    const teaching = (pairs: readonly PersonPair[], changes: Partial<NewEvent> = {}) =>
      entryOf(newEvent(`teach-${(made += 1)}`, { pairs, ...changes }));
    const phones = async (...lids: readonly string[]) =>
      Object.fromEntries(await use.store.people.phonesOf(tenantA, "ins_1", lids));

    test("a pair is known once its append is answered, and after a reopening", async () => {
      expect(await phones(maria.lid)).toEqual({});
      await use.store.log.append(tenantA, teaching([maria, joao]));
      const both = { [maria.lid]: maria.phone, [joao.lid]: joao.phone };
      expect(await phones(maria.lid, joao.lid, "1@lid", maria.lid)).toEqual(both);
      await use.reopen();
      expect(await phones(joao.lid, maria.lid)).toEqual(both);
      expect(await use.store.people.lidsOf(tenantA, maria.phone)).toEqual([maria.lid]);
    });

    test("I1 one LID has the phone that was said last; a phone may have several LIDs, the newest first", async () => {
      const { log, people } = use.store;
      await log.append(tenantA, teaching([maria]));
      await log.append(tenantA, teaching([{ ...maria, phone: joao.phone }], { receivedAt: 2 }));
      await log.append(tenantA, teaching([joao], { receivedAt: 3 }));
      expect(await phones(maria.lid)).toEqual({ [maria.lid]: joao.phone });
      expect(await people.lidsOf(tenantA, maria.phone)).toEqual([]);
      expect(await people.lidsOf(tenantA, joao.phone)).toEqual([joao.lid, maria.lid]);
    });

    test("a duplicate teaches as well", async () => {
      await use.store.log.append(tenantA, entryOf(newEvent("m")));
      const [again] = await use.store.log.append(
        tenantA,
        entryOf(newEvent("m", { id: "evt_2", pairs: [maria] })),
      );
      expect(again?.kind).toBe("duplicate");
      expect(await phones(maria.lid)).toEqual({ [maria.lid]: maria.phone });
    });

    test("pairs belong to their instance and their tenant, and nothing is learnt without an instance", async () => {
      const { log, people } = use.store;
      await log.append(tenantA, teaching([maria], { instanceId: "ins_2" }));
      const { instanceId: _none, ...own } = newEvent("own", { pairs: [joao] });
      await log.append(tenantA, entryOf(own));
      expect(await phones(maria.lid, joao.lid)).toEqual({});
      expect(await people.lidsOf(tenantA, maria.phone)).toEqual([maria.lid]);
      expect(await people.lidsOf(tenantA, maria.phone, "ins_1")).toEqual([]);
      expect(await people.lidsOf(tenantA, maria.phone, "ins_2")).toEqual([maria.lid]);
      expect(await people.lidsOf(tenantB, maria.phone)).toEqual([]);
      expect((await people.phonesOf(tenantB, "ins_2", [maria.lid])).size).toBe(0);
    });

    test("what a provider said when it was asked is learnt the same, and told to listeners", async () => {
      const { people } = use.store;
      const heard: LearntPair[] = [];
      people.subscribe((pairs) => heard.push(...pairs));
      await people.learn(tenantA, "ins_1", [maria, joao], 5);
      await people.learn(tenantA, "ins_1", [maria], 6);
      const scope = { tenantId: tenantA.tenantId, instanceId: "ins_1" };
      expect(heard).toEqual([
        { ...maria, ...scope },
        { ...joao, ...scope },
      ]);
      expect(await phones(maria.lid)).toEqual({ [maria.lid]: maria.phone });
      expect((await people.phonesOf(tenantB, "ins_1", [maria.lid])).size).toBe(0);
      await expect(
        people.learn({ tenantId: "ten_none" }, "ins_1", [maria], 7),
      ).rejects.toMatchObject({ code: "not_found" });
    });

    test("a deleted tenant's pairs are gone for whoever gets its id next", async () => {
      await use.store.people.learn(tenantA, "ins_1", [maria], 5);
      await use.store.directory.deleteTenant(tenantA.tenantId);
      await use.store.directory.createTenant(newTenant(tenantA.tenantId));
      await use.store.log.append(tenantA, entryOf(newEvent("first")));
      expect(await phones(maria.lid)).toEqual({});
      expect(await use.store.people.lidsOf(tenantA, maria.phone)).toEqual([]);
    });

    test("a failed append taught nothing", async () => {
      const { log } = use.store;
      const nowhere = { tenantId: "ten_none" };
      await expect(log.append(nowhere, teaching([maria]))).rejects.toThrow();
      expect((await use.store.people.phonesOf(nowhere, "ins_1", [maria.lid])).size).toBe(0);
    });

    test("I3 listeners hear of what is new or changed, once, before the append is answered and before its events", async () => {
      const { log, people } = use.store;
      const heard: (LearntPair | string)[] = [];
      people.subscribe((pairs) => heard.push(...pairs));
      log.subscribe((events) => heard.push(...events.map((event) => event.id)));
      await log.append(tenantA, teaching([maria], { id: "evt_1" }));
      const scope = { tenantId: tenantA.tenantId, instanceId: "ins_1" };
      expect(heard).toEqual([{ ...maria, ...scope }, "evt_1"]);
      heard.length = 0;
      await log.append(tenantA, teaching([maria], { id: "evt_2" }));
      expect(heard).toEqual(["evt_2"]);
      heard.length = 0;
      const moved = { ...maria, phone: joao.phone };
      await log.append(tenantA, teaching([moved], { id: "evt_3" }));
      expect(heard).toEqual([{ ...moved, ...scope }, "evt_3"]);
    });

    test("a listener that stopped, or throws, disturbs nobody", async () => {
      const { log, people } = use.store;
      let heard = 0;
      const stop = people.subscribe(() => (heard += 100));
      people.subscribe(() => {
        throw new Error("one reader's mistake");
      });
      people.subscribe((pairs) => (heard += pairs.length));
      stop();
      await log.append(tenantA, teaching([maria, joao]));
      expect(heard).toBe(2);
    });
  });
}
