import type { PairingReason } from "@recado/protocol";
import type { Clock } from "../../../base/clock.ts";
import type { Instance } from "../../../store/contract/index.ts";
import type { PairingNews } from "../state/pairing-news.ts";
import { nextPairing, noPairing, type PairingState } from "../state/pairing-state.ts";

/** One number that somebody is pairing, or looked at lately. */
export interface PairingRoom {
  readonly key: string;
  instance: Instance;
  readonly state: PairingState;
  /** Why the provider could not be asked, since the last answer. */
  readonly trouble?: PairingReason | undefined;
  /** Changes with everything that can be seen. */
  readonly version: string;
  /** Unix milliseconds of the last news or answer; 0: none yet. */
  heardAt: number;
  /** Somebody looks until then, Unix milliseconds. */
  watchedUntil: number;
  /** The question to the provider that is under way. */
  asking?: Promise<void> | undefined;
  /** News came while it was under way: its answer may be old. */
  askAgain: boolean;
  cancelTimer?: (() => void) | undefined;
  /** Digits of the phone for which a code to type is still wanted. */
  phone?: string | undefined;
  /** The code that is in the log or on its way there. */
  told?: string | undefined;
  /** The code of the last event. */
  heard?: string | undefined;
}

interface Held extends PairingRoom {
  state: PairingState;
  trouble: PairingReason | undefined;
  version: string;
  readonly waiters: Set<() => void>;
}

export interface PairingRoomsOptions {
  readonly clock: Clock;
  /** Tells versions of this process from those of the one before. */
  readonly boot: string;
  /** Called after the state of a room changed. Must not throw. */
  readonly changed: (room: PairingRoom, before: PairingState) => void;
}

const mostRooms = 2_000;
const mostWaiters = 1_000;
const mostWaitersOfRoom = 20;

/**
 * The pairings of this process, in memory: a provider can always be asked again. The longest unused one
 * goes when there are too many; who waits on too crowded a room is answered at once.
 */
export class PairingRooms {
  readonly #options: PairingRoomsOptions;
  readonly #rooms = new Map<string, Held>();
  #serial = 0;
  #waiting = 0;

  constructor(options: PairingRoomsOptions) {
    this.#options = options;
  }

  find(tenantId: string, instanceId: string): PairingRoom | undefined {
    return this.#rooms.get(keyOf(tenantId, instanceId));
  }

  open(instance: Instance): PairingRoom {
    const key = keyOf(instance.tenantId, instance.id);
    const room = this.#rooms.get(key) ?? this.#fresh(key, instance);
    room.instance = instance;
    this.#rooms.delete(key);
    this.#rooms.set(key, room);
    if (this.#rooms.size > mostRooms) {
      const [oldest] = this.#rooms.values();
      if (oldest !== undefined) this.close(oldest);
    }
    return room;
  }

  /** Takes news and answers of the provider; `heardAt` is set whatever they change. */
  take(given: PairingRoom, news: readonly PairingNews[]): void {
    const room = this.#held(given);
    const before = room.state;
    const now = this.#options.clock.now();
    room.heardAt = now;
    for (const one of news) room.state = nextPairing(room.state, one, room.instance.provider, now);
    const hadTrouble = room.trouble !== undefined;
    room.trouble = undefined;
    if (room.state !== before) this.#options.changed(room, before);
    if (room.state !== before || hadTrouble) this.#wake(room);
  }

  trouble(given: PairingRoom, trouble: PairingReason): void {
    const room = this.#held(given);
    room.heardAt = this.#options.clock.now();
    if (room.trouble === trouble) return;
    room.trouble = trouble;
    this.#wake(room);
  }

  /** Back to where nothing is known, or to `state`. */
  reset(given: PairingRoom, state: PairingState = noPairing): void {
    const room = this.#held(given);
    room.phone = undefined;
    room.heardAt = 0;
    if (room.state === state) return;
    room.state = state;
    this.#wake(room);
  }

  /** Resolves when the room's version is another than `version`, after `ms`, or when the signal says so. */
  async wait(
    given: PairingRoom,
    version: string,
    ms: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const room = this.#held(given);
    if (room.version !== version || signal?.aborted === true || this.#isFull(room)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(ms, resolve);
    room.waiters.add(resolve);
    this.#waiting += 1;
    signal?.addEventListener("abort", () => resolve(), { once: true });
    try {
      await promise;
    } finally {
      cancel();
      room.waiters.delete(resolve);
      this.#waiting -= 1;
    }
  }

  close(given: PairingRoom): void {
    const room = this.#held(given);
    room.cancelTimer?.();
    room.watchedUntil = 0;
    if (this.#rooms.get(room.key) === room) this.#rooms.delete(room.key);
    this.#wake(room);
  }

  closeAll(): void {
    for (const room of this.#rooms.values()) this.close(room);
  }

  #held(room: PairingRoom): Held {
    return room as Held;
  }

  #fresh(key: string, instance: Instance): Held {
    return {
      key,
      instance,
      state: noPairing,
      trouble: undefined,
      version: this.#nextVersion(),
      heardAt: 0,
      watchedUntil: 0,
      askAgain: false,
      waiters: new Set(),
    };
  }

  #isFull(room: Held): boolean {
    return this.#waiting >= mostWaiters || room.waiters.size >= mostWaitersOfRoom;
  }

  #nextVersion(): string {
    this.#serial += 1;
    return `${this.#options.boot}.${this.#serial}`;
  }

  #wake(room: Held): void {
    room.version = this.#nextVersion();
    for (const waiter of room.waiters) waiter();
  }
}

function keyOf(tenantId: string, instanceId: string): string {
  return JSON.stringify([tenantId, instanceId]);
}
