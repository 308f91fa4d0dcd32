import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventType } from "@recado/protocol";
import { evolution, type EventDraft } from "@recado/providers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.ts";
import { systemIds } from "../base/ids.ts";
import { createLogger } from "../base/logger.ts";
import type { Store } from "../store/contract/index.ts";
import { openSqliteStore } from "../store/sqlite/index.ts";
import { createEventLogWriter, type EventLogWriter, type LiveEvent } from "./index.ts";

const scope = { tenantId: "acme" };
const now = Date.UTC(2026, 4, 1, 12);
const minute = 60_000;

let directory = "";
let store: Store;
let writer: EventLogWriter;
let live: LiveEvent[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recado-late-"));
  const logger = createLogger("silent");
  const newEpoch = (): string => "epoch1";
  store = await openSqliteStore({ directory, clock: systemClock, logger, newEpoch });
  await store.directory.createTenant({
    id: scope.tenantId,
    name: "Acme",
    active: true,
    ingestToken: "token",
    createdAt: 1,
  });
  writer = createEventLogWriter({ log: store.log, clock: systemClock, ids: systemIds });
  live = [];
  writer.subscribe((events) => live.push(...events));
});
afterEach(async () => {
  writer.close();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

async function isMarked(
  type: EventType,
  ageMs: number | undefined,
  recovered?: true,
): Promise<boolean> {
  const key = systemIds.token(6);
  await writer.appendWebhook(scope, {
    provider: evolution,
    body: { text: "{}", meta: { headers: {} } },
    parsed: {},
    bodyHash: key,
    source: "test",
    receivedAt: now,
    ...(recovered ? { recovered } : {}),
    drafts: [
      {
        type,
        identity: { key },
        data: { messageId: key, content: { kind: "text", text: "oi" } },
        ...(ageMs === undefined ? {} : { occurredAt: now - ageMs }),
      } as EventDraft,
    ],
  });
  const { event, stored } = live.at(-1) ?? {};
  expect((JSON.parse(stored?.json ?? "{}") as { late?: true }).late).toBe(event?.late);
  return event?.late === true;
}

describe("late", () => {
  it.each(["message.received", "message.sent", "message.edited", "message.reacted"] as const)(
    "marks a %s that arrives more than ten minutes after its own time, and no earlier one",
    async (type) => {
      expect(await isMarked(type, 10 * minute)).toBe(false);
      expect(await isMarked(type, 10 * minute + 1)).toBe(true);
      expect(await isMarked(type, 4 * 24 * 60 * minute)).toBe(true);
    },
  );

  it("marks what was fetched afterwards by its age, too, not by how it came", async () => {
    expect(await isMarked("message.received", 5_000, true)).toBe(false);
    expect(await isMarked("message.received", 11 * minute, true)).toBe(true);
  });

  it("leaves alone what has no time of its own, a broken one, or one of the future", async () => {
    expect(await isMarked("message.received", undefined)).toBe(false);
    expect(await isMarked("message.received", now)).toBe(false);
    expect(await isMarked("message.received", -60 * minute)).toBe(false);
  });

  it("is as old as the operator says", async () => {
    const options = { log: store.log, clock: systemClock, ids: systemIds, lateAfterMs: minute };
    writer.close();
    writer = createEventLogWriter(options);
    writer.subscribe((events) => live.push(...events));
    expect(await isMarked("message.received", minute)).toBe(false);
    expect(await isMarked("message.received", minute + 1)).toBe(true);
  });

  it("leaves receipts alone, whose time can be that of the message", async () => {
    expect(await isMarked("message.acked", 60 * minute)).toBe(false);
    expect(await isMarked("instance.connection_changed", 60 * minute)).toBe(false);
  });
});
