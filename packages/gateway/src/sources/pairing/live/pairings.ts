import type { PairingReason } from "@recado/protocol";
import type { Clock } from "../../../base/clock.ts";
import type { Ids } from "../../../base/ids.ts";
import type { Logger } from "../../../base/logger.ts";
import { RecadoError } from "../../../base/recado-error.ts";
import type { EventLogWriter, LiveEvent } from "../../../log/index.ts";
import type { Directory, Instance } from "../../../store/contract/index.ts";
import type { PairingOffer, ServerControl, ServerControls } from "../../control/index.ts";
import { codeImage } from "../code-image.ts";
import { asRecadoError, troubleOf } from "../provider-problem.ts";
import { newsOfOffer } from "../state/offer-news.ts";
import { newsOf } from "../state/pairing-news.ts";
import { isUnderWay, type PairingState } from "../state/pairing-state.ts";
import { codeEvent, codeMark } from "./code-event.ts";
import { PairingRooms, type PairingRoom } from "./pairing-rooms.ts";

/**
 * Pairs numbers with their phones, whichever provider they are at: what is shown now, what comes next.
 *
 * Owns: pairings under way, when a provider is asked for its code. Must not know: HTTP, links, sockets.
 *
 * I1 A code that only an answer of the provider has becomes an event, once. (`pairings.test.ts`)
 * I2 A number that nobody looks at costs its provider one call for each code, and only where the provider
 *    does not send codes. (`pairings.test.ts`)
 * I3 Whatever a provider does, `look` ends in seconds with something to show. (`pairings.test.ts`)
 */
export interface Pairings {
  /** Starts connecting, or goes on. Rejects with a catalogue code when the provider cannot or will not. */
  connect(instance: Instance, how?: ConnectHow): Promise<PairingView>;
  /** What is to be seen now; with `after`, once it is something else than that version, or after 25 s. */
  look(instance: Instance, how?: LookHow): Promise<PairingView>;
  /** Reject with a catalogue code. */
  logout(instance: Instance): Promise<void>;
  restart(instance: Instance): Promise<void>;
  /** Listens to the log. */
  start(): void;
  /** Whoever waits is answered. Idempotent. */
  close(): void;
}

export interface ConnectHow {
  /** Digits: asks for a code to type, too. */
  readonly phone?: string | undefined;
  readonly signal?: AbortSignal;
}

export interface LookHow {
  /** The version that the caller has seen. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal;
}

export interface PairingView {
  readonly state: PairingState;
  /** The code as a PNG's data URL. */
  readonly image?: string;
  /** Why the provider could not be asked just now. */
  readonly trouble?: PairingReason;
  readonly version: string;
}

export interface PairingsOptions {
  readonly directory: Pick<Directory, "server" | "instance">;
  readonly controls: Pick<ServerControls, "of">;
  readonly writer: Pick<EventLogWriter, "appendOwn" | "subscribe">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** A pairing came to its end well. Must not throw. */
  readonly onConnected: (instance: Instance) => void;
}

/** Longest wait for something newer, milliseconds: below what proxies allow. */
const longestWaitMs = 25_000;
/** What a person who just asked waits for a first answer. */
const firstAnswerMs = 6_000;
/** Somebody who follows comes back within this time. */
const watchedMs = 40_000;
/** What was heard is good for this long. */
const freshMs = 3_000;
/** How long Evolution's own event about a code may take before its answer is told instead. */
const eventGraceMs = 5_000;

/** When a pairing that somebody follows is asked about again although nothing was heard, milliseconds. */
function nextQuestionMs(room: PairingRoom, now: number): number {
  if (room.trouble !== undefined) return 5_000;
  const { code, stage } = room.state;
  if (stage !== "code") return 2_000;
  const leftMs = code === undefined ? 10_000 : code.expiresAt - now + 500;
  return Math.min(Math.max(leftMs, 1_000), 10_000);
}

class LivePairings implements Pairings {
  readonly #options: PairingsOptions;
  readonly #rooms: PairingRooms;
  #unsubscribe: (() => void) | undefined;
  #closed = false;

  constructor(options: PairingsOptions) {
    this.#options = options;
    this.#rooms = new PairingRooms({
      clock: options.clock,
      boot: options.ids.token(6),
      changed: ({ instance, state }, before) => {
        if (state.stage === "connected" && before.stage !== "connected")
          options.onConnected(instance);
      },
    });
  }

  start(): void {
    this.#unsubscribe ??= this.#options.writer.subscribe((events) => this.#hear(events));
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
    this.#rooms.closeAll();
  }

  async connect(instance: Instance, how: ConnectHow = {}): Promise<PairingView> {
    const { phone, signal } = how;
    const room = this.#watched(instance);
    const before = room.state;
    try {
      const control = await this.#control(instance);
      this.#rooms.take(room, [{ kind: "asked" }]);
      room.phone = phone;
      const offer = await control.connect(
        instance.providerName,
        phone === undefined ? {} : { phone },
      );
      await this.#takeOffer(room, control, offer);
    } catch (error) {
      this.#rooms.reset(room, before);
      this.#rooms.trouble(room, troubleOf(error));
      throw asRecadoError(error);
    }
    this.#follow(room);
    const isWaiting = room.state.stage === "waiting";
    const lacksTyped = phone !== undefined && room.state.pairingCode === undefined;
    if (isWaiting || (isUnderWay(room.state) && lacksTyped))
      await this.#rooms.wait(room, room.version, firstAnswerMs, signal);
    return viewOf(room);
  }

  async look(instance: Instance, how: LookHow = {}): Promise<PairingView> {
    const { after, signal } = how;
    const room = this.#watched(instance);
    const seen = room.version;
    const asking = this.#isFresh(room) ? undefined : this.#ask(room);
    this.#follow(room);
    if (after !== undefined) {
      if (after === seen) await this.#rooms.wait(room, seen, longestWaitMs, signal);
    } else if (asking !== undefined) await this.#atMost(firstAnswerMs, asking);
    return viewOf(room);
  }

  async logout(instance: Instance): Promise<void> {
    await this.#change(instance, (control) => control.logout(instance.providerName));
  }

  async restart(instance: Instance): Promise<void> {
    await this.#change(instance, (control) => control.restart(instance.providerName));
  }

  async #change(instance: Instance, run: (control: ServerControl) => Promise<void>): Promise<void> {
    try {
      await run(await this.#control(instance));
    } catch (error) {
      throw asRecadoError(error);
    }
    const room = this.#rooms.find(instance.tenantId, instance.id);
    if (room !== undefined) this.#rooms.reset(room);
  }

  #watched(instance: Instance): PairingRoom {
    const room = this.#rooms.open(instance);
    room.watchedUntil = this.#options.clock.now() + watchedMs;
    return room;
  }

  #isFresh({ state, heardAt }: PairingRoom): boolean {
    const now = this.#options.clock.now();
    if (state.code !== undefined && now < state.code.expiresAt) return true;
    return heardAt !== 0 && now - heardAt < freshMs;
  }

  async #control({ tenantId, serverId }: Instance): Promise<ServerControl> {
    const { directory, controls } = this.#options;
    const server =
      serverId === undefined ? undefined : await directory.server({ tenantId }, serverId);
    if (server === undefined) throw new RecadoError("instance_without_server");
    return controls.of(server);
  }

  /** Resolves with the work, or after `ms` without it. */
  async #atMost(ms: number, work: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(ms, resolve);
    await Promise.race([work, promise]);
    cancel();
  }

  /** One question at a time for each room. Never rejects: a failure is what is shown. */
  #ask(room: PairingRoom): Promise<void> {
    room.asking ??= this.#askNow(room).finally(() => {
      room.asking = undefined;
      if (!room.askAgain || this.#closed) return;
      room.askAgain = false;
      void this.#ask(room);
    });
    return room.asking;
  }

  async #askNow(room: PairingRoom): Promise<void> {
    const { providerName: name } = room.instance;
    try {
      const control = await this.#control(room.instance);
      await this.#takeOffer(room, control, await control.offer(name));
      const { phone } = room;
      if (phone === undefined || room.state.stage !== "code") return;
      // The provider was not ready for it before.
      await this.#takeOffer(room, control, await control.connect(name, { phone }));
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === "provider_refused") room.phone = undefined;
      this.#rooms.trouble(room, trouble);
      const { id: instanceId } = room.instance;
      this.#options.logger.debug({ err: error, instanceId }, "asking for a pairing code failed");
    }
  }

  async #takeOffer(room: PairingRoom, control: ServerControl, offer: PairingOffer): Promise<void> {
    if (offer.state === "open") {
      const { account } = await control.instance(room.instance.providerName);
      const { state, providerState } = offer;
      const who = account === undefined ? {} : { account };
      this.#rooms.take(room, [{ kind: "connection", state, providerState, ...who }]);
      return;
    }
    this.#rooms.take(room, newsOfOffer(offer));
    if (room.state.pairingCode !== undefined) room.phone = undefined;
    this.#tell(room);
  }

  /** Writes a code that the log does not have into it. */
  #tell(room: PairingRoom): void {
    const { state, instance } = room;
    const mark = codeMark(state);
    if (mark === undefined || mark === room.told || state.stage !== "code") return;
    room.told = mark;
    const { writer, clock, logger } = this.#options;
    const append = (): void => {
      if (this.#closed || room.heard === mark) return;
      const { tenantId, id: instanceId } = instance;
      writer.appendOwn({ tenantId }, codeEvent(instance, state)).catch((error: unknown) => {
        if (room.told === mark) room.told = undefined;
        logger.warn({ err: error, instanceId }, "a pairing code could not be stored as an event");
      });
    };
    // Evolution sends its codes itself, with what else it knows; WAHA never does.
    if (instance.provider === "waha") append();
    else clock.after(eventGraceMs, append);
  }

  #hear(events: readonly LiveEvent[]): void {
    for (const { event } of events) {
      if (event.instance === undefined) continue;
      const news = newsOf(event);
      if (news === undefined) continue;
      const room = this.#rooms.find(event.tenantId, event.instance.id);
      if (room !== undefined) {
        this.#rooms.take(room, [news]);
        if (news.kind === "code") {
          room.heard = codeMark(room.state);
          room.told = room.heard;
          if (room.state.pairingCode !== undefined) room.phone = undefined;
        }
      }
      if (news.kind === "code_due") void this.#fetch(event.tenantId, event.instance.id);
    }
  }

  /** A code came up and its event does not have it. Never rejects. */
  async #fetch(tenantId: string, instanceId: string): Promise<void> {
    try {
      const instance = await this.#options.directory.instance({ tenantId }, instanceId);
      // Without a server there is nobody to ask; that is no failure.
      if (instance?.serverId === undefined || this.#closed) return;
      const room = this.#rooms.open(instance);
      if (room.asking !== undefined) room.askAgain = true;
      await this.#ask(room);
    } catch (error) {
      this.#options.logger.warn({ err: error, instanceId }, "a pairing code could not be fetched");
    }
  }

  /** Asks again and again while somebody looks and the provider might say nothing by itself. */
  #follow(room: PairingRoom): void {
    if (room.cancelTimer !== undefined || this.#closed) return;
    if (!isUnderWay(room.state) && room.trouble === undefined) return;
    const { clock } = this.#options;
    room.cancelTimer = clock.after(nextQuestionMs(room, clock.now()), () => {
      room.cancelTimer = undefined;
      if (clock.now() >= room.watchedUntil) return;
      void this.#ask(room).then(() => this.#follow(room));
    });
  }
}

function viewOf({ state, trouble, version }: PairingRoom): PairingView {
  const { code } = state;
  const image = code?.image ?? (code?.qr === undefined ? undefined : codeImage(code.qr));
  return {
    state,
    version,
    ...(image === undefined ? {} : { image }),
    ...(trouble === undefined ? {} : { trouble }),
  };
}

export function createPairings(options: PairingsOptions): Pairings {
  return new LivePairings(options);
}
