import { hash } from "node:crypto";
import { evolution, removeMembers, type JsonObject } from "@recado/providers";
import { pino } from "pino";
import { systemClock } from "../../packages/gateway/src/base/clock.ts";
import { systemIds } from "../../packages/gateway/src/base/ids.ts";
import { createEventLogWriter } from "../../packages/gateway/src/log/event-log-writer.ts";
import type { Store } from "../../packages/gateway/src/store/contract/index.ts";
import { openSqliteStore } from "../../packages/gateway/src/store/sqlite/index.ts";
import { searchBody } from "./search-body.ts";

export interface FillPlan {
  readonly directory: string;
  readonly events: number;
  readonly tenants: number;
  readonly peoplePerTenant: number;
  /** When the first event was received, Unix milliseconds. */
  readonly from: number;
  readonly until: number;
}

export interface Filled {
  /** As they arrived. */
  readonly bodyBytes: number;
  readonly seconds: number;
}

export function tenantId(index: number): string {
  return `bench-${String(index).padStart(2, "0")}`;
}

/** Writes what is waiting at once: bounded, so that memory is not what is measured. */
const inFlight = 256;

export async function openStore(directory: string): Promise<Store> {
  return openSqliteStore({
    directory,
    clock: systemClock,
    logger: pino({ level: "warn" }),
    newEpoch: () => systemIds.token(9),
  });
}

/** A million webhooks through the real normaliser and the real writer, without HTTP. */
export async function fill(store: Store, plan: FillPlan): Promise<Filled> {
  const begun = performance.now();
  for (let index = 0; index < plan.tenants; index += 1) {
    const id = tenantId(index);
    if (await store.directory.tenant(id)) continue;
    const tenant = { id, name: id, active: true, ingestToken: systemIds.token(24), createdAt: plan.from };
    await store.directory.createTenant(tenant);
    await store.directory.createInstance(
      { tenantId: id },
      {
        id: `ins_${id}`,
        tenantId: id,
        name: id,
        provider: "evolution",
        providerName: id,
        ingestToken: systemIds.token(24),
        createdAt: plan.from,
      } as never,
    );
  }
  const writer = createEventLogWriter({ log: store.log, clock: systemClock, ids: systemIds });
  let bodyBytes = 0;
  let next = 0;
  async function worker(): Promise<void> {
    while (next < plan.events) {
      const number = next++;
      const id = tenantId(number % plan.tenants);
      const receivedAt = Math.floor(
        plan.from + ((plan.until - plan.from) * number) / plan.events,
      );
      const person = (number * 7_919) % plan.peoplePerTenant;
      const text = JSON.stringify(searchBody({ number, instance: id, person, at: receivedAt }));
      bodyBytes += text.length;
      const parsed = JSON.parse(text) as JsonObject;
      const bodyHash = hash("sha256", text, "hex");
      await writer.appendWebhook(
        { tenantId: id },
        {
          provider: evolution,
          instance: { id: `ins_${id}`, name: id, provider: "evolution" },
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
