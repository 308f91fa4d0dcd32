import { Manager, type ManagerOptions, type Socket } from "socket.io-client";
import type { Clock } from "../../../base/clock.ts";
import { failureCodeOf, type Outbound } from "../../../outbound/index.ts";
import { endingOfStatus, endingOfVetting, type Ending } from "../connection/ending.ts";
import type { Link, LinkEvents, SocketTarget } from "../connection/link.ts";
import {
  namespacePlan,
  noNamespaces,
  withJoined,
  withLeft,
  withMissing,
  type Namespaces,
} from "./namespaces.ts";
import { webhookForm } from "./webhook-form.ts";
import { wideParser } from "./wide-parser.ts";

export interface EvolutionLinkOptions {
  readonly outbound: Pick<Outbound, "vet">;
  readonly clock: Clock;
  /** At least 0 and below 1. */
  readonly random: () => number;
  /** Bytes of one packet. */
  readonly maxFrameBytes: number;
}

/** Milliseconds. Before it everything about a namespace that is not there yet may be tried again. */
const rejoinMs = 10_000;
const handshakeMs = 15_000;

/**
 * One connection to Evolution's Socket.IO: `/` and the namespaces of the instances over one WebSocket.
 *
 * The key goes in the header, never into the address, which servers and proxies write into their logs.
 * Servers before 2.3.3 look at neither.
 */
export function openEvolutionLink(
  target: SocketTarget,
  events: LinkEvents,
  options: EvolutionLinkOptions,
): Link {
  return new EvolutionLink(target, events, options);
}

class EvolutionLink implements Link {
  readonly #events: LinkEvents;
  readonly #options: EvolutionLinkOptions;
  readonly #sockets = new Map<string, Socket>();
  #manager: Manager | undefined;
  #state: Namespaces = noNamespaces;
  #wanted: readonly string[] = [];
  #isOpen = false;
  #isOver = false;
  #cancelRejoin: (() => void) | undefined;

  constructor(target: SocketTarget, events: LinkEvents, options: EvolutionLinkOptions) {
    this.#events = events;
    this.#options = options;
    void this.#connect(target);
  }

  follow(instanceNames: readonly string[]): void {
    this.#wanted = instanceNames;
    if (this.#isOpen) this.#arrange();
  }

  covers(instanceName: string): boolean {
    return this.#state.isGlobal || this.#sockets.get(instanceName)?.connected === true;
  }

  close(): void {
    this.#isOver = true;
    this.#cancelRejoin?.();
    const manager = this.#manager;
    this.#manager = undefined;
    for (const socket of this.#sockets.values()) socket.offAny();
    this.#sockets.clear();
    manager?.off();
    manager?.engine?.close();
  }

  async #connect({ baseUrl, apiKey, allowPrivate }: SocketTarget): Promise<void> {
    const vetting = await this.#options.outbound.vet(baseUrl, { allowPrivate });
    if (this.#isOver) return;
    if (!vetting.ok) return this.#end(endingOfVetting(vetting.errorCode));
    const { url, agent } = vetting;
    const settings: Partial<ManagerOptions> & { readonly maxPayload: number } = {
      path: `${url.pathname.replace(/\/+$/, "")}/socket.io`,
      transports: ["websocket"],
      reconnection: false,
      autoConnect: false,
      timeout: handshakeMs,
      extraHeaders: { apikey: apiKey },
      // The types know only of browsers, where there are no agents.
      agent: agent as unknown as string,
      perMessageDeflate: false as unknown as { threshold: number },
      parser: wideParser,
      maxPayload: this.#options.maxFrameBytes,
    };
    const manager = new Manager(url.origin, settings);
    this.#manager = manager;
    manager.on("close", (reason, description) => this.#end(endingOfClose(reason, description)));
    manager.open((error) => {
      if (error) this.#end(endingOfError(error));
      else this.#join(manager);
    });
  }

  /** The global namespace always exists; being in it is being connected. */
  #join(manager: Manager): void {
    const all = manager.socket("/");
    this.#listen(all, undefined);
    all.on("connect", () => {
      this.#isOpen = true;
      this.#events.opened();
      this.#arrange();
    });
    all.on("connect_error", () => this.#end({ reason: "key_refused" }));
    all.on("disconnect", (reason) => {
      if (reason === "io server disconnect") this.#end({ reason: "closed" });
    });
    all.connect();
  }

  #listen(socket: Socket, channel: string | undefined): void {
    socket.onAny((event: string, payload: unknown) => {
      const frame = webhookForm(event, payload, channel);
      if (frame === undefined) return this.#events.unreadable();
      if (channel === undefined && !this.#state.isGlobal) {
        this.#state = { ...this.#state, isGlobal: true };
        this.#arrange();
        this.#events.covered();
      }
      this.#events.frame(frame);
    });
  }

  /** Joins and leaves namespaces until they are those that are wanted. */
  #arrange(): void {
    const { join, leave } = namespacePlan(this.#state, this.#wanted);
    for (const name of leave) {
      this.#sockets.get(name)?.offAny().off().disconnect();
      this.#sockets.delete(name);
      this.#state = withLeft(this.#state, name);
    }
    for (const name of join) this.#joinOwn(name);
  }

  #joinOwn(name: string): void {
    const manager = this.#manager;
    if (manager === undefined) return;
    this.#state = withJoined(this.#state, name);
    const socket = manager.socket(`/${name}`);
    this.#sockets.set(name, socket);
    this.#listen(socket, name);
    socket.on("connect", () => this.#joinedOwn(name));
    // "Invalid namespace": the instance had no event since the server's start, or its socket is off.
    socket.on("connect_error", () => this.#refusedOwn(name));
    socket.connect();
  }

  #joinedOwn(name: string): void {
    const since = this.#state.missing.get(name);
    this.#state = withJoined(this.#state, name);
    // Its first events made the namespace, and nobody was in it to hear them.
    if (since !== undefined) this.#events.missed(name, since);
    this.#events.covered();
  }

  #refusedOwn(name: string): void {
    if (this.#isOver || this.#state.isGlobal) return;
    const isNew = !this.#state.missing.has(name);
    this.#state = withMissing(this.#state, name, this.#options.clock.now());
    if (isNew) this.#events.missing(name);
    // Half to one and a half of it: many servers come back at the same moment.
    const { clock, random } = this.#options;
    const ms = rejoinMs * (0.5 + random());
    this.#cancelRejoin ??= clock.after(ms, () => this.#rejoin());
  }

  /** The library does not try a refused namespace again by itself (recorded). */
  #rejoin(): void {
    this.#cancelRejoin = undefined;
    if (this.#isOver || this.#state.isGlobal) return;
    for (const name of this.#state.missing.keys()) this.#sockets.get(name)?.connect();
  }

  #end(ending: Ending): void {
    if (this.#isOver) return;
    this.close();
    this.#events.ended(ending);
  }
}

interface Hidden {
  readonly message?: unknown;
  readonly error?: unknown;
  readonly description?: unknown;
}

/** engine.io hides what the WebSocket said: its own error, inside the event, inside `description`. */
function hiddenIn(error: unknown): Hidden | undefined {
  const { description } = (error ?? {}) as Hidden;
  return description as Hidden | undefined;
}

function endingOfError(error: Error): Ending {
  const hidden = hiddenIn(error);
  const text = typeof hidden?.message === "string" ? hidden.message : error.message;
  const status = /^Unexpected server response: (\d{3})/.exec(text)?.[1];
  if (status !== undefined) return endingOfStatus(Number(status));
  if (text === "timeout") return { reason: "unreachable", detail: "timeout" };
  const code = failureCodeOf(hidden?.error ?? error);
  return code === "blocked_address"
    ? endingOfVetting(code)
    : { reason: "unreachable", detail: code };
}

function endingOfClose(reason: string, error: unknown): Ending {
  if (reason === "ping timeout") return { reason: "silent" };
  if (reason === "parse error") return { reason: "not_understood" };
  const { code } = (hiddenIn(error)?.error ?? {}) as { readonly code?: unknown };
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return { reason: "too_large" };
  return { reason: "closed" };
}
