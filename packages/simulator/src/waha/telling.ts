import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import type { DeliveryReport } from "../sending/attempt.ts";
import { enterStatus, type FakeSession } from "./session/fake-session.ts";
import { isIgnored } from "./session/ignored-chats.ts";
import { createWahaSender, type WahaSender, type WahaSenderOptions } from "./waha-sender.ts";
import type { WahaServer } from "./waha-webhook.ts";

/**
 * How events leave a WAHA: into the session's store, to its webhooks, to the sockets; and when they do not.
 *
 * I1 What happened is in the store even when nobody is told: a frozen session, a lost delivery and a
 *    process that is down leave messages that only the lists show ("what nobody was told is in the lists").
 */
export interface Telling {
  emit(
    session: FakeSession,
    events: readonly string[],
    payload: unknown,
  ): Promise<readonly DeliveryReport[]>;
  /** Takes on a status and tells it. */
  announce(
    session: FakeSession,
    status: string,
    data?: unknown,
  ): Promise<readonly DeliveryReport[]>;
  /** A message for a session: told at once while it is connected, else when it is again. */
  deliver(
    session: FakeSession,
    events: readonly string[],
    payload: unknown,
  ): Promise<readonly DeliveryReport[]>;
  /** The next `count` deliveries of the session to a webhook are lost without an attempt. */
  lose(session: string, count: number): void;
  idle(): Promise<void>;
  /** The process ends: what waits to be repeated is gone. */
  end(): Promise<void>;
  /** A new process begins. */
  begin(): void;
}

export interface TellingOptions extends WahaSenderOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly about: WahaServer;
}

/** Messages that wait for a session's connection; the oldest are lost first. */
const mostWaiting = 10_000;

interface Waiting {
  readonly events: readonly string[];
  readonly payload: unknown;
}

export function createTelling(options: TellingOptions): Telling {
  const { clock, random, about } = options;
  const losing = new Map<string, number>();
  const waiting = new Map<string, Waiting[]>();
  let processes = 0;
  let sender: WahaSender | undefined;

  function loses(session: string): boolean {
    const left = losing.get(session) ?? 0;
    if (left > 0) losing.set(session, left - 1);
    return left > 0;
  }

  function begin(): void {
    const stream = processes === 0 ? "sender" : `sender/${processes}`;
    processes += 1;
    sender = createWahaSender({ ...options, ...about, random: random.fork(stream), loses });
  }

  async function emit(session: FakeSession, events: readonly string[], payload: unknown) {
    session.mailbox.take(events, payload);
    if (session.frozen || !sender) return [];
    const told = events.filter(
      (event) => event === "engine.event" || !isIgnored(session.config, payload),
    );
    const { name, me, config } = session;
    const source = { name, me, metadata: config?.metadata };
    return sender.emit(source, config?.webhooks ?? [], told, payload);
  }

  async function announce(session: FakeSession, status: string, data: unknown = null) {
    const payload = enterStatus(session, status, clock.now(), about.version, data);
    const told = emit(session, ["session.status"], payload);
    if (status !== "WORKING") return told;
    const held = waiting.get(session.name) ?? [];
    waiting.delete(session.name);
    const late = held.map((one) => emit(session, one.events, one.payload));
    return (await Promise.all([told, ...late])).flat();
  }

  begin();
  return {
    emit,
    announce,
    begin,
    async deliver(session, events, payload) {
      if (session.status === "WORKING" && sender) return emit(session, events, payload);
      const held = waiting.get(session.name) ?? [];
      waiting.set(session.name, [...held, { events, payload }].slice(-mostWaiting));
      return [];
    },
    lose: (session, count) => void losing.set(session, count),
    idle: async () => sender?.idle(),
    async end() {
      const ending = sender;
      sender = undefined;
      await ending?.close();
    },
  };
}
