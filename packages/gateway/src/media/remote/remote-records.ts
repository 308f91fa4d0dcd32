import type {
  Records,
  RecordValue,
  StoredRecord,
  TenantScope,
} from "../../store/contract/index.ts";
import { isFetchFailure, type FetchFailure } from "./file-source.ts";

/** What is kept of files behind providers' links, and how it is read back: tolerantly. */

/** A file that is to be fetched; kept until it is known what became of it. */
export interface WantedFile {
  readonly scope: TenantScope;
  /** See `MediaKeys.remoteKey`. */
  readonly key: string;
  readonly url: string;
  readonly serverId: string;
  readonly eventId: string;
  /** As the event says. */
  readonly mimetype?: string;
  readonly filename?: string;
}

/** What became of a file. `at`: Unix milliseconds. */
export type FileOutcome =
  | {
      readonly kind: "had";
      readonly at: number;
      readonly eventId: string;
      readonly sha256: string;
      /** Bytes. */
      readonly size: number;
      readonly mimetype: string;
      readonly filename?: string;
    }
  | {
      readonly kind: "failed";
      readonly at: number;
      readonly eventId: string;
      readonly cause: FetchFailure;
    };

const wantedKind = "media-wanted";
const outcomeKind = "media-file";
const readerKind = "media-reader";
const readerKey = "offset";
const page = 500;

export class RemoteRecords {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async want({ scope, key, ...value }: WantedFile): Promise<void> {
    await this.#records.put(scope, wantedKind, key, value);
  }

  /** The outcome stands before it is forgotten that the file was wanted. */
  async settle({ scope, key }: WantedFile, outcome: FileOutcome): Promise<void> {
    await this.#records.put(scope, outcomeKind, key, { ...outcome });
    await this.#records.delete(scope, wantedKind, key);
  }

  async forget({ scope, key }: WantedFile): Promise<void> {
    await this.#records.delete(scope, wantedKind, key);
  }

  /** Those of one tenant, at most `limit`. */
  async wanted(scope: TenantScope, limit: number): Promise<readonly WantedFile[]> {
    const found = await this.#records.list(scope, wantedKind, { limit });
    return found.flatMap((record) => wantedOf(scope, record) ?? []);
  }

  async outcome(scope: TenantScope, key: string): Promise<FileOutcome | undefined> {
    const found = await this.#records.get(scope, outcomeKind, key);
    return found && outcomeOf(found.value);
  }

  /** Whosever it is; the key is a proof of ours. */
  async outcomeAnywhere(
    key: string,
  ): Promise<{ readonly tenantId: string; readonly outcome: FileOutcome } | undefined> {
    const found = await this.#records.findAnywhere(outcomeKind, key);
    const outcome = found && outcomeOf(found.value);
    return found && outcome ? { tenantId: found.tenantId, outcome } : undefined;
  }

  /** Forgets what became of files before `before`. */
  async expire(scope: TenantScope, before: number): Promise<void> {
    for (let afterKey: string | undefined; ;) {
      const place = { limit: page, ...(afterKey === undefined ? {} : { afterKey }) };
      const found = await this.#records.list(scope, outcomeKind, place);
      const old = found.filter(({ value }) => (outcomeOf(value)?.at ?? 0) < before);
      // Together, so that they share a commit.
      await Promise.all(old.map(({ key }) => this.#records.delete(scope, outcomeKind, key)));
      afterKey = found.at(-1)?.key;
      if (found.length < page) return;
    }
  }

  /** The offset up to which events were looked at. */
  async position(scope: TenantScope): Promise<number | undefined> {
    const found = await this.#records.get(scope, readerKind, readerKey);
    const offset = found?.value["offset"];
    return typeof offset === "number" && Number.isSafeInteger(offset) && offset >= 0
      ? offset
      : undefined;
  }

  async savePosition(scope: TenantScope, offset: number): Promise<void> {
    await this.#records.put(scope, readerKind, readerKey, { offset });
  }
}

function textAt(value: RecordValue, name: string): string | undefined {
  const found = value[name];
  return typeof found === "string" && found !== "" ? found : undefined;
}

function named(value: RecordValue, ...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = textAt(value, name);
      return text === undefined ? [] : [[name, text] as const];
    }),
  );
}

function wantedOf(scope: TenantScope, { key, value }: StoredRecord): WantedFile | undefined {
  const [url, serverId] = [textAt(value, "url"), textAt(value, "serverId")];
  if (url === undefined || serverId === undefined) return undefined;
  const eventId = textAt(value, "eventId") ?? "";
  return { scope, key, url, serverId, eventId, ...named(value, "mimetype", "filename") };
}

function outcomeOf(value: RecordValue): FileOutcome | undefined {
  const { at, size, sha256, cause } = value;
  if (typeof at !== "number") return undefined;
  const eventId = textAt(value, "eventId") ?? "";
  if (isFetchFailure(cause)) return { kind: "failed", at, eventId, cause };
  if (typeof size !== "number" || typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256))
    return undefined;
  const mimetype = textAt(value, "mimetype") ?? "application/octet-stream";
  return { kind: "had", at, eventId, sha256, size, mimetype, ...named(value, "filename") };
}
