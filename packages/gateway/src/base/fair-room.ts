/**
 * Room that several share while they wait, in number and in bytes. Nobody may hold more than what is left
 * besides: one that floods gets half, two get a third each, and whoever comes next finds room. Remembers
 * only those who wait.
 */
export class FairRoom {
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #shares = new Map<string, Share>();
  #count = 0;
  #bytes = 0;

  constructor(most: number, mostBytes: number) {
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  /**
   * True when `owner` may have room for one more of `bytes`. Empty room takes anything, and what is larger
   * than half of it finds room once half is free: under a steady load it would be refused for ever.
   */
  isFor(owner: string, bytes: number): boolean {
    if (this.#count === 0) return true;
    const share = this.#shares.get(owner) ?? nothing;
    const counted = Math.min(bytes, this.#mostBytes / 2);
    return (
      share.count + this.#count < this.#most &&
      share.bytes + this.#bytes + counted <= this.#mostBytes
    );
  }

  take(owner: string, bytes: number): void {
    const share = this.#shares.get(owner);
    if (share === undefined) this.#shares.set(owner, { count: 1, bytes });
    else {
      share.count += 1;
      share.bytes += bytes;
    }
    this.#count += 1;
    this.#bytes += bytes;
  }

  giveBack(owner: string, bytes: number): void {
    const share = this.#shares.get(owner);
    if (share === undefined) throw new Error("only what was taken can be given back");
    share.count -= 1;
    share.bytes -= bytes;
    this.#count -= 1;
    this.#bytes -= bytes;
    if (share.count === 0) this.#shares.delete(owner);
  }

  /** Everybody gave back everything. */
  clear(): void {
    this.#shares.clear();
    this.#count = 0;
    this.#bytes = 0;
  }
}

interface Share {
  count: number;
  bytes: number;
}

const nothing: Readonly<Share> = { count: 0, bytes: 0 };
