import { describe } from "vitest";
import { describeAppending } from "./event-log/appending.ts";
import { describeIdentities } from "./event-log/identities.ts";
import { describeIsolation } from "./event-log/isolation.ts";
import { describePeople } from "./event-log/people.ts";
import { describeQuerying } from "./event-log/querying.ts";
import { describeReading } from "./event-log/reading.ts";
import { describeRetention } from "./event-log/retention.ts";
import { describeSubscribing } from "./event-log/subscribing.ts";
import type { EventLogStore, NewPlace } from "./store-place.ts";

/** What every event log promises (`store/contract/event-log.ts`). */
export function eventLogSuite(name: string, newPlace: NewPlace<EventLogStore>): void {
  describe(`event log: ${name}`, () => {
    describe("appending", () => {
      describeAppending(newPlace);
    });
    describe("identities", () => {
      describeIdentities(newPlace);
    });
    describe("people", () => {
      describePeople(newPlace);
    });
    describe("subscribing", () => {
      describeSubscribing(newPlace);
    });
    describe("reading", () => {
      describeReading(newPlace);
    });
    describe("querying", () => {
      describeQuerying(newPlace);
    });
    describe("retention", () => {
      describeRetention(newPlace);
    });
    describe("tenants", () => {
      describeIsolation(newPlace);
    });
  });
}
