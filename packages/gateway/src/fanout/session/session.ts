import type { EventInstance, ErrorCode } from "@recado/protocol";
import type { Socket } from "socket.io";
import { permits, tenantScope, type Principal } from "../../access/index.ts";
import { RecadoError } from "../../base/recado-error.ts";
import type { Audience, Reader } from "../audience.ts";
import {
  parseClientMessage,
  parseHandshake,
  type AuthenticateMessage,
  type ClientMessage,
  type InstanceMessage,
} from "./client-message.ts";
import { Connection } from "../wire/connection.ts";
import type { FanoutLimits } from "../limits.ts";
import { MessageBudget } from "./message-budget.ts";
import type { FanoutOptions } from "../options.ts";
import type { Packets } from "../wire/packets.ts";
import { refusal } from "./refusal.ts";
import {
  admitted,
  anonymousSession,
  reads,
  readsEverything,
  subscribed,
  unsubscribed,
} from "./session-state.ts";

export interface SessionOptions extends Pick<
  FanoutOptions,
  "access" | "directory" | "clock" | "logger"
> {
  readonly limits: FanoutLimits;
  readonly audience: Audience;
  readonly onClosedFor: (cause: "too_slow" | "flooding") => void;
}

type Answer = (body: object) => void;

/**
 * One Socket.IO session: hears a client out in the order it speaks, and passes events on to it.
 *
 * I1 Messages are answered one after the other: a subscribe waits for the authentication before it.
 * I2 Whatever a client sends, the worst that happens is a refusal with a catalogue code, or the end of
 *    this connection.
 * I3 Nothing is delivered after the credential expired or was found revoked.
 * I4 What a client has not read stays within `limits.queuedBytes` plus one batch; beyond, it is told so
 *    and closed. It finds what it missed by its last cursor.
 * Proven by `authentication.test.ts`, `malformed.test.ts` and `slow-reader.test.ts`.
 */
export class Session implements Reader {
  readonly #socket: Socket;
  readonly #options: SessionOptions;
  readonly #connection: Connection;
  readonly #budget: MessageBudget;
  #state = anonymousSession;
  #readsEverything = false;
  /** The credential that was accepted last. */
  #accepted: AuthenticateMessage | undefined;
  /** The end of the line of messages that wait to be answered, and its length. */
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #closing = false;
  #cancelDeadline: () => void;
  #cancelReverify: (() => void) | undefined;

  constructor(socket: Socket, options: SessionOptions) {
    const { clock, limits } = options;
    this.#socket = socket;
    this.#options = options;
    this.#connection = new Connection(socket.conn);
    this.#budget = new MessageBudget(
      limits.messageBurst,
      limits.messagesPerSecond,
      clock.monotonic(),
    );
    this.#cancelDeadline = clock.after(limits.authenticationMs, () =>
      this.#end("socket_not_authenticated"),
    );
    // A middleware that never passes on is the one door for everything a client sends, so that no
    // name of an event can reach a listener by accident (an `error` without one ends the process).
    socket.use((event) => this.#hear(event));
    socket.on("error", () => undefined);
    socket.on("disconnect", () => this.#release());
    this.#greet();
  }

  /** Looked at for every event of the tenant, so it is decided when the state changes. */
  get readsEverything(): boolean {
    return this.#readsEverything;
  }

  get queuedBytes(): number {
    return this.#connection.queuedBytes;
  }

  reads(instance: EventInstance | undefined): boolean {
    return reads(this.#state, instance);
  }

  send(packets: Packets): void {
    if (this.#connection.queuedBytes > this.#options.limits.queuedBytes) {
      this.#options.onClosedFor("too_slow");
      this.#connection.dropQueued();
      this.#end("socket_too_slow");
      return;
    }
    this.#connection.send(packets);
  }

  /** Ends the connection so that a stock client comes back; see {@link Connection.close}. */
  close(): Promise<void> {
    this.#closing = true;
    this.#release();
    return this.#connection.close(this.#options.clock, this.#options.limits.closeMs);
  }

  /**
   * A bad token in the handshake is told and leaves the client connected and anonymous. Refusing the
   * connection instead would keep stock clients from ever trying again, since they do not reconnect
   * after a `connect_error`.
   */
  #greet(): void {
    const handshake = parseHandshake(this.#socket.handshake);
    if (!handshake) return;
    const { ok } = handshake;
    if (ok) this.#enqueue(() => this.#handle(handshake.message, () => undefined));
    else this.#refuse("invalid_request", () => undefined, handshake.details);
  }

  #hear(event: readonly unknown[]): void {
    if (this.#closing) return;
    const { clock, limits } = this.#options;
    if (!this.#budget.take(clock.monotonic()) || this.#waiting >= limits.messageBurst) {
      this.#options.onClosedFor("flooding");
      this.#end("socket_flood");
      return;
    }
    const last = event.at(-1);
    const answer = typeof last === "function" ? (last as Answer) : (): void => undefined;
    const parsed = parseClientMessage(event[0], event.slice(1));
    this.#enqueue(async () => {
      if (parsed.ok) await this.#handle(parsed.message, answer);
      else this.#refuse("invalid_request", answer, parsed.details);
    });
  }

  #enqueue(run: () => Promise<void>): void {
    this.#waiting += 1;
    this.#work = this.#work.then(run).finally(() => {
      this.#waiting -= 1;
    });
  }

  async #handle(message: ClientMessage, answer: Answer): Promise<void> {
    if (this.#closing) return;
    try {
      if (message.kind === "authenticate") await this.#authenticate(message, answer);
      else await this.#follow(message, answer);
    } catch (error) {
      this.#refuseError(error, answer);
    }
  }

  async #authenticate(message: AuthenticateMessage, answer: Answer): Promise<void> {
    const { principal, tenantId } = await this.#admit(message);
    if (this.#closing) return;
    this.#accept(message, principal, tenantId);
    const body = {
      tenantId,
      scope: message.scope,
      ...(principal.expiresAt === undefined
        ? {}
        : { expiresAt: new Date(principal.expiresAt).toISOString() }),
    };
    this.#socket.emit("authenticated", body);
    answer({ success: true, ...body });
    // Last, so that a client hears of its authentication before the first event.
    this.#options.audience.join(this, tenantId);
  }

  /** Rejects with the reason for which this credential may not read this tenant. */
  async #admit(
    message: AuthenticateMessage,
  ): Promise<{ readonly principal: Principal; readonly tenantId: string }> {
    const { access, directory } = this.#options;
    const principal = await access.authenticate(message.token);
    if (!permits(principal, "read")) throw new RecadoError("forbidden");
    const named = message.tenantId === undefined ? {} : { "x-tenant-id": message.tenantId };
    const { tenantId } = await tenantScope(directory, principal, named);
    return { principal, tenantId };
  }

  #accept(message: AuthenticateMessage, principal: Principal, tenantId: string): void {
    this.#accepted = message;
    this.#state = admitted(this.#state, { principal, tenantId, scope: message.scope });
    this.#readsEverything = readsEverything(this.#state);
    this.#cancelDeadline();
    if (principal.expiresAt !== undefined) this.#expireAt(principal.expiresAt);
    this.#reverifyLater(message);
  }

  #expireAt(expiresAt: number): void {
    const { clock } = this.#options;
    // Asked again when it fires: a timer has a longest time, and the clock may have been set meanwhile.
    this.#cancelDeadline = clock.after(Math.max(0, expiresAt - clock.now()), () => {
      if (clock.now() >= expiresAt) this.#end("token_expired");
      else this.#expireAt(expiresAt);
    });
  }

  #reverifyLater(message: AuthenticateMessage): void {
    const { clock, limits } = this.#options;
    this.#cancelReverify?.();
    this.#cancelReverify = clock.after(limits.reverifyMs, () =>
      this.#enqueue(() => this.#reverify(message)),
    );
  }

  /** A credential that was good may have been revoked, or its tenant switched off. */
  async #reverify(message: AuthenticateMessage): Promise<void> {
    try {
      const { principal, tenantId } = await this.#admit(message);
      if (!this.#closing && this.#accepted === message) this.#accept(message, principal, tenantId);
    } catch (error) {
      if (this.#closing || this.#accepted !== message) return;
      // A store that cannot answer says nothing about the credential.
      if (error instanceof RecadoError && error.entry.status < 500) this.#end(error.code);
      else this.#reverifyLater(message);
    }
  }

  async #follow({ kind, instanceName }: InstanceMessage, answer: Answer): Promise<void> {
    const { identity } = this.#state;
    if (!identity) return this.#refuse("socket_not_authenticated", answer);
    const body = { instanceName };
    if (kind === "unsubscribe") {
      this.#state = unsubscribed(this.#state, instanceName);
      this.#socket.emit("unsubscribed", body);
      return answer({ success: true, ...body });
    }
    const { directory, limits } = this.#options;
    const scope = { tenantId: identity.tenantId };
    const instance =
      (await directory.instanceByName(scope, instanceName)) ??
      (await directory.instance(scope, instanceName));
    if (this.#closing) return undefined;
    const outcome = subscribed(this.#state, instanceName, instance, limits.subscriptions);
    if (!outcome.ok) return this.#refuse(outcome.code, answer, [instanceName]);
    this.#state = outcome.state;
    this.#socket.emit("subscribed", body);
    return answer({ success: true, ...body });
  }

  #refuseError(error: unknown, answer: Answer): void {
    if (this.#closing) return;
    if (error instanceof RecadoError) {
      this.#refuse(error.code, answer);
      return;
    }
    this.#options.logger.error({ err: error }, "a socket message could not be handled");
    this.#refuse("internal", answer);
  }

  #refuse(code: ErrorCode, answer: Answer, details?: readonly string[]): void {
    if (this.#closing) return;
    const body = refusal(code, details);
    this.#socket.emit("error", body);
    answer(body);
  }

  /** Tells why, then closes. */
  #end(code: ErrorCode): void {
    if (this.#closing) return;
    this.#refuse(code, () => undefined);
    this.#options.logger.debug({ code }, "a socket was closed");
    void this.close();
  }

  #release(): void {
    this.#closing = true;
    this.#options.audience.leave(this);
    this.#cancelDeadline();
    this.#cancelReverify?.();
    this.#connection.release();
  }
}
