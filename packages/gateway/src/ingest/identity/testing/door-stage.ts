import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProviderName, RecadoEvent } from "@recado/protocol";
import { systemClock } from "../../../base/clock.ts";
import { systemIds } from "../../../base/ids.ts";
import { createLogger } from "../../../base/logger.ts";
import { createSecretBox } from "../../../base/secret-box.ts";
import { createEventLogWriter, withKnownPhones } from "../../../log/index.ts";
import type { IngestTarget, Store, Tenant } from "../../../store/contract/index.ts";
import { openSqliteStore } from "../../../store/sqlite/index.ts";
import { createIngest, createInstanceFinder, type Ingest } from "../../index.ts";

/** The door with a real store behind it. */
export interface DoorStage {
  readonly store: Store;
  /** What live readers were told, in order. */
  readonly live: readonly RecadoEvent[];
  /** A new number, by whose own address bodies come. */
  number(name: string, provider: ProviderName): Promise<Number>;
  /** Phone addresses by LID, as a number's events taught them. */
  phones(instanceId: string, lids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Everything in the log, as it is read now. */
  events(instanceId?: string): Promise<readonly RecadoEvent[]>;
  close(): Promise<void>;
}

export interface Number {
  readonly id: string;
  send(body: unknown): ReturnType<Ingest["receive"]>;
}

const tenant: Tenant = {
  id: "acme",
  name: "Acme",
  active: true,
  ingestToken: "tenant-token",
  createdAt: 1,
};
const scope = { tenantId: tenant.id };

export async function openDoor(): Promise<DoorStage> {
  const directory = await mkdtemp(join(tmpdir(), "recado-identity-"));
  const logger = createLogger("silent");
  const common = { clock: systemClock, ids: systemIds };
  const store = await openSqliteStore({
    directory,
    clock: systemClock,
    logger,
    newEpoch: () => "epoch1",
  });
  await store.directory.createTenant(tenant);
  const writer = createEventLogWriter({ log: store.log, ...common });
  const live: RecadoEvent[] = [];
  writer.subscribe((events) => live.push(...events.map(({ event }) => event)));
  const ingest = createIngest({
    ...common,
    writer,
    logger,
    finder: createInstanceFinder({ directory: store.directory, ...common }),
    secretBox: createSecretBox(Buffer.alloc(32, 7)),
  });
  return {
    store,
    live,
    async number(name, provider) {
      const instance = {
        id: systemIds.next("ins"),
        tenantId: tenant.id,
        name,
        providerName: name,
        provider,
        ingestToken: systemIds.token(8),
        createdAt: 1,
      };
      await store.directory.createInstance(scope, instance);
      const target: IngestTarget = { kind: "instance", tenant, instance };
      return {
        id: instance.id,
        send: (body) =>
          ingest.receive({
            target,
            bytes: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
            headers: { "content-type": "application/json" },
          }),
      };
    },
    phones: (instanceId, lids) => store.people.phonesOf(scope, instanceId, lids),
    async events(instanceId) {
      const all: RecadoEvent[] = [];
      const of = instanceId === undefined ? {} : { instanceId };
      for (let after = 0, page = 1_000; page === 1_000;) {
        const found = await store.log.query(scope, { ...of, after, limit: 1_000 });
        const shown = await withKnownPhones(store.people, scope, found);
        all.push(...shown.map(({ json }) => JSON.parse(json) as RecadoEvent));
        page = found.length;
        after = found.at(-1)?.offset ?? after;
      }
      return all;
    },
    async close() {
      writer.close();
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type Body = Readonly<Record<string, unknown>>;

const providers = new URL("../../../../../providers/src/", import.meta.url);

/** The bodies of a situation that somebody reported, in order. */
export function situation(provider: ProviderName, file: string): readonly Body[] {
  const path = new URL(`${provider}/fixtures/zoo/${file}.json`, providers);
  const { requests } = JSON.parse(readFileSync(path, "utf8")) as { requests: { body: Body }[] };
  return requests.map(({ body }) => body);
}

/** Every single body of a provider, by the file's name. */
export function fixtureBodies(provider: ProviderName): ReadonlyMap<string, Body> {
  const folder = new URL(`${provider}/fixtures/events/`, providers);
  return new Map(
    readdirSync(folder).map((file) => {
      const stored = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { body: Body };
      return [file.replace(/\.json$/, ""), stored.body];
    }),
  );
}
