import type { Clock } from "../../../base/clock.ts";
import { step, type ConnectionState, type Happening } from "./connection-state.ts";
import type { Link, LinkEvents, OpenLink, SocketFrame } from "./link.ts";

export interface ConnectionOptions {
  readonly open: OpenLink;
  readonly clock: Clock;
  /** At least 0 and below 1. */
  readonly random: () => number;
  /** `downSince`: when events stopped coming; absent: this is the first connection. */
  readonly onLive: (downSince: number | undefined) => void;
  readonly onFrame: (frame: SocketFrame) => void;
  readonly onCovered: () => void;
  readonly onMissed: (instanceName: string, since: number) => void;
  readonly onMissing: (instanceName: string) => void;
  readonly onChange: (state: ConnectionState) => void;
}

export interface ConnectionCounts {
  readonly frames: number;
  readonly unreadable: number;
}

/**
 * Keeps one connection alive: runs what `connection-state.ts` decides.
 *
 * I1 At most one link at a time; what an old one says late is not heard (`connection.test.ts`).
 */
export class Connection {
  readonly #options: ConnectionOptions;
  #state: ConnectionState;
  #link: Link | undefined;
  #names: readonly string[] = [];
  #cancelWait: () => void = () => undefined;
  #lastFrameAt: number | undefined;
  #frames = 0;
  #unreadable = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#state = { kind: "disconnected", since: options.clock.now() };
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get counts(): ConnectionCounts {
    return { frames: this.#frames, unreadable: this.#unreadable };
  }

  /** Unix milliseconds. */
  get lastFrameAt(): number | undefined {
    return this.#lastFrameAt;
  }

  start(): void {
    this.#happen({ kind: "wanted" });
  }

  stop(): void {
    this.#happen({ kind: "unwanted" });
  }

  /** Whose events are wanted from now on. */
  follow(instanceNames: readonly string[]): void {
    this.#names = instanceNames;
    this.#link?.follow(instanceNames);
  }

  covers(instanceName: string): boolean {
    return this.#state.kind === "live" && this.#link?.covers(instanceName) === true;
  }

  #happen(happening: Happening): void {
    const { clock, random, onChange, onLive } = this.#options;
    const before = this.#state;
    const { state, action } = step(before, happening, clock.now(), random());
    if (state === before && action === undefined) return;
    this.#state = state;
    if (happening.kind === "ended" || action?.kind === "close") this.#letGo();
    onChange(state);
    if (state.kind === "live" && before.kind !== "live") onLive(state.downSince);
    if (action?.kind === "connect") this.#connect();
    if (action?.kind === "wait")
      this.#cancelWait = clock.after(action.ms, () => this.#happen({ kind: "due" }));
  }

  #letGo(): void {
    this.#cancelWait();
    const link = this.#link;
    this.#link = undefined;
    link?.close();
  }

  #connect(): void {
    const link = this.#options.open(this.#hear(() => this.#link === link));
    this.#link = link;
    link.follow(this.#names);
  }

  /** Only the present link is heard. It speaks after it was opened, never while. */
  #hear(isPresent: () => boolean): LinkEvents {
    const { clock, onCovered, onFrame, onMissed, onMissing } = this.#options;
    return {
      opened: () => {
        if (isPresent()) this.#happen({ kind: "opened" });
      },
      frame: (frame) => {
        if (!isPresent()) return;
        this.#frames += 1;
        this.#lastFrameAt = clock.now();
        onFrame(frame);
      },
      unreadable: () => {
        if (isPresent()) this.#unreadable += 1;
      },
      covered: () => {
        if (isPresent()) onCovered();
      },
      missed: (instanceName, since) => {
        if (isPresent()) onMissed(instanceName, since);
      },
      missing: (instanceName) => {
        if (isPresent()) onMissing(instanceName);
      },
      ended: (ending) => {
        if (isPresent()) this.#happen({ kind: "ended", ending });
      },
    };
  }
}
