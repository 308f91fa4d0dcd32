import { hash } from "node:crypto";
import { evolution, removeMembers } from "@recado/providers";
import { systemClock } from "../../packages/gateway/src/base/clock.ts";
import { systemIds } from "../../packages/gateway/src/base/ids.ts";
import { createLogger } from "../../packages/gateway/src/base/logger.ts";
import { createEventLogWriter } from "../../packages/gateway/src/log/event-log-writer.ts";
import type { Store } from "../../packages/gateway/src/store/contract/index.ts";
import { openSqliteStore } from "../../packages/gateway/src/store/sqlite/index.ts";
import { searchBody } from "./search-body.ts";

export interface FillPlan {
  /** Number of the first event, and how many. */
  readonly first: number;
  readonly events: number;
  readonly tenants: number;
  readonly peoplePerTenant: number;
  /** When the first event was received, and the one after the last, Unix milliseconds. */
  readonly from: number;
  readonly until: number;
}

export interface Filled {
  /** As they arrived. */
  readonly bodyBytes: number;
  readonly seconds: number;
}

/** Webhooks on their way at once: as many as a commit takes. */
const inFlight = 512;

/** Opens a store that never syncs: what is measured begins when all of it is there. */
export function openForFilling(directory: string): Promise<Store> {
  return openSqliteStore({
    directory,
    clock: systemClock,
    logger: createLogger("warn"),
    newEpoch: () => systemIds.token(9),
    sync: (_descriptor, done) => setImmediate(done, null),
  });
}

/** Tenants with an instance each; answers the secret part of each instance's ingest address. */
export async function createTenants(store: Store, count: number): Promise<readonly string[]> {
  const tokens: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = tenantId(index);
    const ingestToken = systemIds.token(24);
    const createdAt = systemClock.now();
    const tenant = { id, name: id, active: true, ingestToken: systemIds.token(24), createdAt };
    await store.directory.createTenant(tenant);
    await store.directory.createInstance(
      { tenantId: id },
      {
        id: instanceId(index),
        tenantId: id,
        name: id,
        provider: "evolution",
        providerName: id,
        ingestToken,
        createdAt,
      },
    );
    tokens.push(ingestToken);
  }
  return tokens;
}

/** Which tenant an event is of, and whose message it is. */
export function personOf(number: number, { tenants, peoplePerTenant }: FillPlan): SearchPerson {
  return {
    tenant: number % tenants,
    person: Math.floor((number * 7_919) / tenants) % peoplePerTenant,
  };
}

export interface SearchPerson {
  readonly tenant: number;
  readonly person: number;
}

export function receivedAtOf(number: number, { first, events, from, until }: FillPlan): number {
  return Math.floor(from + ((until - from) * (number - first)) / events);
}

/** Webhooks through the real normaliser, writer and store, without HTTP. */
export async function fill(store: Store, plan: FillPlan): Promise<Filled> {
  const begun = performance.now();
  const writer = createEventLogWriter({ log: store.log, clock: systemClock, ids: systemIds });
  let bodyBytes = 0;
  let next = plan.first;
  async function worker(): Promise<void> {
    while (next < plan.first + plan.events) {
      const number = next++;
      const { tenant, person } = personOf(number, plan);
      const receivedAt = receivedAtOf(number, plan);
      const id = tenantId(tenant);
      const parsed = searchBody({ number, instance: id, person, at: receivedAt });
      const text = JSON.stringify(parsed);
      bodyBytes += text.length;
      const bodyHash = hash("sha256", text, "hex");
      await writer.appendWebhook(
        { tenantId: id },
        {
          provider: evolution,
          instance: { id: instanceId(tenant), name: id, provider: "evolution" },
          body: {
            text: removeMembers(text, evolution.capabilities.secretMembers),
            meta: { headers: { "content-type": "application/json", "user-agent": "axios/1.7.9" } },
          },
          parsed,
          drafts: evolution.normalise(parsed, { receivedAt, bodyHash }),
          bodyHash,
          source: "messages.upsert",
          receivedAt,
        },
      );
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker));
  writer.close();
  return { bodyBytes, seconds: (performance.now() - begun) / 1_000 };
}

export function tenantId(index: number): string {
  return `bench-${String(index).padStart(2, "0")}`;
}

/** As long as those that the gateway makes. */
export function instanceId(index: number): string {
  return `ins_01a211f5-03d8-7745-9170-${String(index).padStart(12, "0")}`;
}
