import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { Ids } from "../../base/ids.ts";
import type { Logger } from "../../base/logger.ts";
import type { Instance, Store, StoredEvent, TenantScope } from "../../store/contract/index.ts";
import { plainType, sniffedType } from "../file-type.ts";
import type { MediaFiles } from "../files/media-files.ts";
import { markerPrefix, remoteAbout, type MediaKeys } from "../links/media-keys.ts";
import { FetchQueue, usualLimits, type QueueLimits } from "./fetch-queue.ts";
import type { FetchedFile, FetchFailure, FileSource } from "./file-source.ts";
import { writeHashed } from "./write-hashed.ts";
import { LinkReader } from "./link-reader.ts";
import { linkIn, remotePlaces, withOutcomes } from "./remote-markers.ts";
import { RemoteRecords, type FileOutcome, type WantedFile } from "./remote-records.ts";

/**
 * Files behind the links that providers put into messages: fetched as soon as the event is in the log, and
 * kept like those that came inside a webhook.
 *
 * Owns: which links become ours, what is fetched, and what became of it. Must not know: providers, their keys
 * and addresses, sockets, deliveries.
 *
 * I1 A link that became ours is fetched, or it is said why not, also when the process dies in between.
 * I2 Nothing that is stored or sent on waits for a provider.
 * I3 What waits, what is fetched at once and what is remembered is bounded; it is forgotten with its events.
 * I4 Who has a link learns of that file and no other; another tenant's is none.
 * Proven by `provider-files.test.ts`.
 */
export interface ProviderFiles {
  /** Our name for this link of a message; undefined: the link stays as the provider gave it. */
  markerFor(scope: TenantScope, instance: Instance, url: string): Promise<string | undefined>;
  /** JSON on its way to a reader, with what became of each file beside its link. */
  complete(tenantId: string, text: string): Promise<string>;
  /** For whoever has a link: what became of its file. */
  find(tenantPart: string, key: string): Promise<FileOutcome | "waiting" | undefined>;
  stats(): ProviderFileStats;
  /** Takes up what was open; before anything is stored. */
  start(): Promise<void>;
  /** What is under way is left, and fetched after the next start. */
  stop(): Promise<void>;
}

export interface ProviderFileStats {
  readonly waiting: number;
  /** Since the start of the process. */
  readonly fetched: number;
  readonly failed: number;
}

export interface ProviderFilesOptions {
  readonly store: Pick<Store, "log" | "directory" | "records">;
  readonly files: MediaFiles;
  readonly keys: MediaKeys;
  readonly source: FileSource;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly limits?: Partial<QueueLimits>;
  /** After failures in reading the log, before it is tried again, milliseconds. */
  readonly retryMs?: number;
  /** Time between two rounds of forgetting, milliseconds. */
  readonly forgetEveryMs?: number;
}

/** The setting that says that every tenant's log is followed from where it stood then. */
const beginning = "media_links_followed_since";
const hourMs = 3_600_000;
/** A later event that names a file again gets it anew: the older one may go with the event before. */
const renewMs = hourMs / 2;
const tenantPage = 500;

class Fetching implements ProviderFiles {
  readonly #options: ProviderFilesOptions;
  readonly #records: RemoteRecords;
  readonly #queue: FetchQueue;
  readonly #reader: LinkReader;
  readonly #stopped = Promise.withResolvers<undefined>();
  #fetched = 0;
  #failed = 0;
  #cancel: () => void = () => undefined;
  #forgetting: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: ProviderFilesOptions) {
    this.#options = options;
    const { store, clock, logger } = options;
    this.#records = new RemoteRecords(store.records);
    this.#queue = new FetchQueue({
      clock,
      limits: { ...usualLimits, ...options.limits },
      attempt: (wanted, isLast) => this.#fetch(wanted, isLast),
    });
    this.#reader = new LinkReader({
      log: store.log,
      clock,
      logger,
      ...(options.retryMs === undefined ? {} : { retryMs: options.retryMs }),
      position: (scope) => this.#records.position(scope),
      savePosition: (scope, offset) => this.#records.savePosition(scope, offset),
      take: (scope, event) => this.#take(scope, event),
    });
  }

  async markerFor(
    scope: TenantScope,
    { id, serverId }: Instance,
    url: string,
  ): Promise<string | undefined> {
    const { store, source, keys } = this.#options;
    if (serverId === undefined || url.startsWith(markerPrefix)) return undefined;
    const server = await store.directory.server(scope, serverId);
    if (!server || !source.mayFetch(server, url)) return undefined;
    const sha256 = keys.remoteKey(scope.tenantId, id, url);
    return keys.marker(scope.tenantId, { sha256, about: remoteAbout });
  }

  async complete(tenantId: string, text: string): Promise<string> {
    const places = remotePlaces(this.#options.keys, tenantId, text);
    if (places.length === 0) return text;
    const outcomes = new Map<string, FileOutcome>();
    for (const { key } of places) {
      const outcome = outcomes.has(key)
        ? undefined
        : await this.#records.outcome({ tenantId }, key);
      if (outcome) outcomes.set(key, outcome);
    }
    return withOutcomes(text, places, outcomes);
  }

  async find(tenantPart: string, key: string): Promise<FileOutcome | "waiting" | undefined> {
    const { keys } = this.#options;
    const isOwn = (tenantId: string): boolean => keys.tenantPart(tenantId) === tenantPart;
    // Asked first: what is settled meanwhile is found below.
    const isQueued = this.#queue.has(key);
    const behind = this.#reader.behind();
    const found = await this.#records.outcomeAnywhere(key);
    if (found && isOwn(found.tenantId)) return found.outcome;
    return isQueued || behind.some(isOwn) ? "waiting" : undefined;
  }

  stats(): ProviderFileStats {
    return { waiting: this.#queue.size, fetched: this.#fetched, failed: this.#failed };
  }

  async start(): Promise<void> {
    const tenantIds = await this.#tenantIds();
    await this.#begin(tenantIds);
    this.#reader.start(tenantIds);
    for (const tenantId of tenantIds) {
      const limit = 2 * { ...usualLimits, ...this.#options.limits }.perTenant;
      for (const wanted of await this.#records.wanted({ tenantId }, Math.min(limit, 1_000)))
        this.#queue.add(wanted);
    }
    this.#planForgetting();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    this.#stopped.resolve(undefined);
    await this.#queue.stop();
    await this.#reader.stop();
    await this.#forgetting;
  }

  async #tenantIds(): Promise<readonly string[]> {
    const all: string[] = [];
    for (let afterId: string | undefined; ;) {
      const place = { limit: tenantPage, ...(afterId === undefined ? {} : { afterId }) };
      const tenants = await this.#options.store.directory.tenants(place);
      all.push(...tenants.map(({ id }) => id));
      afterId = tenants.at(-1)?.id;
      if (tenants.length < tenantPage) return all;
    }
  }

  /** Logs of before the first start hold no links of ours, and may be long. */
  async #begin(tenantIds: readonly string[]): Promise<void> {
    const { directory, log } = this.#options.store;
    if ((await directory.setting(beginning)) !== undefined) return;
    for (const tenantId of tenantIds) {
      const { head } = await log.bounds({ tenantId });
      await this.#records.savePosition({ tenantId }, head);
    }
    await directory.settingOnce(beginning, new Date(this.#options.clock.now()).toISOString());
  }

  /** Notes each file of an event that is to be fetched. */
  async #take(scope: TenantScope, event: StoredEvent): Promise<void> {
    for (const { key, media } of remotePlaces(this.#options.keys, scope.tenantId, event.json)) {
      if (this.#queue.has(key) || !(await this.#isWanted(scope, key, event.id))) continue;
      await this.#queue.room(scope);
      if (this.#isStopped) throw new Error("stopped before a link was noted");
      const wanted = await this.#wantedFile(scope, key, event, media);
      if ("cause" in wanted) {
        await this.#settle(wanted, this.#failure(wanted, wanted.cause));
        continue;
      }
      await this.#records.want(wanted);
      this.#queue.add(wanted);
    }
  }

  async #isWanted(scope: TenantScope, key: string, eventId: string): Promise<boolean> {
    const outcome = await this.#records.outcome(scope, key);
    if (!outcome) return true;
    // The same event is met again after a crash.
    if (outcome.eventId === eventId) return false;
    return outcome.kind === "failed" || this.#options.clock.now() - outcome.at > renewMs;
  }

  async #wantedFile(
    scope: TenantScope,
    key: string,
    event: StoredEvent,
    media: Readonly<Record<string, unknown>>,
  ): Promise<WantedFile & { readonly cause?: FetchFailure }> {
    const { store, keys } = this.#options;
    const { id: eventId, instanceId = "", bodyId } = event;
    const { mimetype, filename } = media;
    const base = {
      scope,
      key,
      eventId,
      ...(typeof mimetype === "string" ? { mimetype } : {}),
      ...(typeof filename === "string" ? { filename } : {}),
    };
    const { serverId } = (await store.directory.instance(scope, instanceId)) ?? {};
    if (serverId === undefined) return { ...base, url: "", serverId: "", cause: "no_server" };
    const body = bodyId === undefined ? undefined : await store.log.body(scope, bodyId);
    const url = linkIn(body && JSON.parse(body.text), key, (text) =>
      keys.remoteKey(scope.tenantId, instanceId, text),
    );
    return url === undefined
      ? { ...base, url: "", serverId, cause: "no_link" }
      : { ...base, url, serverId };
  }

  async #fetch(wanted: WantedFile, isLast: boolean): Promise<"again" | "done"> {
    try {
      const outcome = await this.#fetchOnce(wanted, isLast);
      if (outcome === "again") return "again";
      if (outcome) await this.#settle(wanted, outcome);
      return "done";
    } catch (error) {
      if (this.#isStopped) return "done";
      const { tenantId } = wanted.scope;
      this.#options.logger.error(
        { err: error, tenantId, event: wanted.eventId },
        "a file behind a provider's link could not be kept",
      );
      return "again";
    }
  }

  /** Undefined: stopped, or a tenant that is gone. */
  async #fetchOnce(
    wanted: WantedFile,
    isLast: boolean,
  ): Promise<FileOutcome | "again" | undefined> {
    const { store, source, keys } = this.#options;
    const server = await store.directory.server(wanted.scope, wanted.serverId);
    if (!server) {
      const tenant = await store.directory.tenant(wanted.scope.tenantId);
      return tenant && this.#failure(wanted, "no_server");
    }
    // A request under way may take a minute; stopping does not wait for it.
    const fetched = await Promise.race([source.fetch(server, wanted.url), this.#stopped.promise]);
    if (!fetched || this.#isStopped) return undefined;
    if (fetched.kind === "failed")
      return fetched.mayHelp && !isLast ? "again" : this.#failure(wanted, fetched.cause);
    return this.#keep(wanted, keys.tenantPart(wanted.scope.tenantId), fetched);
  }

  #failure({ eventId }: WantedFile, cause: FetchFailure): FileOutcome {
    return { kind: "failed", at: this.#options.clock.now(), eventId, cause };
  }

  async #keep(
    { eventId, mimetype: said, filename }: WantedFile,
    tenantPart: string,
    { bytes, mimetype: served }: Extract<FetchedFile, { kind: "had" }>,
  ): Promise<FileOutcome> {
    const { files, ids, clock } = this.#options;
    const path = join(files.incoming, `fetched-${ids.token(16)}`);
    let sha256: string;
    try {
      sha256 = await writeHashed(path, bytes);
      await files.put(tenantPart, sha256, path);
    } finally {
      await rm(path, { force: true });
    }
    const type = plainType(served);
    const useful = type === "application/octet-stream" ? undefined : type;
    return {
      kind: "had",
      at: clock.now(),
      eventId,
      sha256,
      size: bytes.byteLength,
      mimetype: plainType(said) ?? useful ?? sniffedType(bytes),
      ...(filename === undefined ? {} : { filename }),
    };
  }

  async #settle(wanted: WantedFile, outcome: FileOutcome): Promise<void> {
    if (outcome.kind === "had") this.#fetched++;
    else {
      this.#failed++;
      const { scope, eventId } = wanted;
      const about = { tenantId: scope.tenantId, event: eventId, cause: outcome.cause };
      this.#options.logger.warn(about, "a file behind a provider's link could not be had");
      // One that was had for an earlier event is worth more than the news that it is gone.
      const before = await this.#records.outcome(scope, wanted.key);
      if (before?.kind === "had") return this.#records.forget(wanted);
    }
    await this.#records.settle(wanted, outcome);
  }

  #planForgetting(): void {
    if (this.#isStopped) return;
    const { clock, forgetEveryMs = hourMs } = this.#options;
    this.#cancel = clock.after(forgetEveryMs, () => {
      this.#forgetting = this.#forget().finally(() => this.#planForgetting());
    });
  }

  /** What became of files of which no event is kept. Never rejects. */
  async #forget(): Promise<void> {
    const { store, logger } = this.#options;
    try {
      for (const tenantId of await this.#tenantIds()) {
        if (this.#isStopped) return;
        const { floor } = await store.log.bounds({ tenantId });
        const [oldest] = await store.log.readAfter({ tenantId }, floor - 1, 1);
        const before = (oldest?.receivedAt ?? this.#options.clock.now()) - hourMs;
        await this.#records.expire({ tenantId }, before);
      }
    } catch (error) {
      logger.error({ err: error }, "forgetting what became of providers' files failed");
    }
  }
}

export function createProviderFiles(options: ProviderFilesOptions): ProviderFiles {
  return new Fetching(options);
}
