import { folderName, type DiskOperation } from "./trace.ts";

/** What a power cut does to what was not synced. */
export type CutMode = "drop" | "some" | "keep";

type FileChange =
  | { readonly kind: "write"; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly size: number };

type NameChange = {
  readonly name: string;
  /** Undefined: the name goes. */
  readonly file: DiskFile | undefined;
};

/** Bytes that a disk writes as one. */
const sectorBytes = 512;

/** One file, whatever it is called: what a sync made durable, and what was written since. */
class DiskFile {
  #durable: Buffer = Buffer.alloc(0);
  #pending: FileChange[] = [];

  get pendingCount(): number {
    return this.#pending.length;
  }

  change(change: FileChange): void {
    this.#pending.push(change);
  }

  /** The first `count` changes that wait are on the disk now. */
  sync(count: number): void {
    this.#durable = applied(this.#durable, this.#pending.slice(0, count));
    this.#pending = this.#pending.slice(count);
  }

  /** As a cut at this moment could leave it. */
  afterCut(mode: CutMode, random: () => number): Buffer {
    if (mode === "drop") return this.#durable;
    if (mode === "keep") return applied(this.#durable, this.#pending);
    return applied(
      this.#durable,
      this.#pending.flatMap((change) => survivors(change, random)),
    );
  }
}

/** Half of the changes are lost; a quarter of the writes that are not arrive in part, sector by sector. */
function survivors(change: FileChange, random: () => number): readonly FileChange[] {
  if (random() < 0.5) return [];
  if (change.kind === "truncate" || random() < 0.75) return [change];
  const parts: FileChange[] = [];
  for (let from = 0; from < change.bytes.length;) {
    const to = Math.min(
      change.bytes.length,
      from + sectorBytes - ((change.at + from) % sectorBytes),
    );
    if (random() < 0.5)
      parts.push({ kind: "write", at: change.at + from, bytes: change.bytes.subarray(from, to) });
    from = to;
  }
  return parts;
}

function applied(before: Buffer, changes: readonly FileChange[]): Buffer {
  if (changes.length === 0) return before;
  let size = before.length;
  let room = size;
  for (const change of changes) {
    size =
      change.kind === "truncate" ? change.size : Math.max(size, change.at + change.bytes.length);
    room = Math.max(room, size);
  }
  // A hole reads as zeroes.
  const bytes = Buffer.alloc(room);
  before.copy(bytes);
  size = before.length;
  for (const change of changes) {
    if (change.kind === "truncate") {
      bytes.fill(0, change.size, Math.max(size, change.size));
      ({ size } = change);
    } else {
      change.bytes.copy(bytes, change.at);
      size = Math.max(size, change.at + change.bytes.length);
    }
  }
  return Buffer.from(bytes.subarray(0, size));
}

/**
 * A folder on a disk that keeps nothing but what it was told to sync. A file's bytes are made durable by a
 * sync of the file, its name by a sync of the folder: a synced file whose folder was not may be missing.
 */
export class DiskModel {
  readonly #names = new Map<string, DiskFile>();
  readonly #durableNames = new Map<string, DiskFile>();
  #pendingNames: NameChange[] = [];
  /** By call: what its end makes durable. */
  readonly #syncs = new Map<string, () => void>();
  /** Everything that the process said so far. */
  said = "";

  apply(operation: DiskOperation): void {
    switch (operation.kind) {
      case "create":
        if (!this.#names.has(operation.name)) this.#name(operation.name, new DiskFile());
        return;
      case "remove":
        this.#name(operation.name, undefined);
        return;
      case "rename":
        this.#name(operation.to, this.#names.get(operation.name));
        this.#name(operation.name, undefined);
        return;
      case "write":
      case "truncate":
        this.#names.get(operation.name)?.change(operation);
        return;
      case "syncBegins":
        this.#syncs.set(operation.call, this.#syncOf(operation.name));
        return;
      case "syncEnds":
        this.#syncs.get(operation.call)?.();
        this.#syncs.delete(operation.call);
        return;
      case "said":
        this.said += operation.text;
    }
  }

  /** Files by name, as a cut at this moment could leave the folder. */
  afterCut(mode: CutMode, random: () => number): ReadonlyMap<string, Buffer> {
    const names = new Map(this.#durableNames);
    for (const change of this.#pendingNames)
      if (mode === "keep" || (mode === "some" && random() < 0.5)) rename(names, change);
    return new Map([...names].map(([name, file]) => [name, file.afterCut(mode, random)]));
  }

  #name(name: string, file: DiskFile | undefined): void {
    const change = { name, file };
    rename(this.#names, change);
    this.#pendingNames.push(change);
  }

  #syncOf(name: string): () => void {
    if (name === folderName) {
      const covered = [...this.#pendingNames];
      return () => {
        for (const change of covered) rename(this.#durableNames, change);
        this.#pendingNames = this.#pendingNames.filter((change) => !covered.includes(change));
      };
    }
    const file = this.#names.get(name);
    const count = file?.pendingCount ?? 0;
    return () => file?.sync(count);
  }
}

function rename(names: Map<string, DiskFile>, { name, file }: NameChange): void {
  if (file) names.set(name, file);
  else names.delete(name);
}
