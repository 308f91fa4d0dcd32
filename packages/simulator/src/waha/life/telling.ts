import type { Clock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import type { DeliveryReport } from "../../sending/attempt.ts";
import { enterStatus, type FakeSession } from "../session/fake-session.ts";
import { isIgnored } from "../session/ignored-chats.ts";
import { createWahaSender, type WahaSender, type WahaSenderOptions } from "../waha-sender.ts";
import type { WahaServer } from "../waha-webhook.ts";
import { createLosses, type Losses } from "./losses.ts";

type Reports = Promise<readonly DeliveryReport[]>;

/**
 * How events leave a WAHA: into the session's store, to its webhooks, to the sockets; and when they do not.
 *
 * I1 What happened is in the store even when nobody is told: a frozen session and a lost event leave
 *    messages that only the lists show ("what nobody was told is in the lists").
 * I2 What happens while the process is down or the number away waits at WhatsApp, in order ("what is
 *    written while the connection is away comes when it is back").
 */
export interface Telling {
  /** Something happened; while the process is down it waits for the next one. */
  emit(session: FakeSession, events: readonly string[], payload: unknown): Reports;
  /** The same, but it also waits while the session is not connected. */
  deliver(session: FakeSession, events: readonly string[], payload: unknown): Reports;
  /** Takes on a status and tells it. */
  announce(session: FakeSession, status: string, data?: unknown): Reports;
  readonly losses: Losses;
  idle(): Promise<void>;
  /** The process ends: what waits to be repeated is gone. */
  end(): Promise<void>;
  /** A new process begins. `kept`: what happened meanwhile only reaches the lists. */
  begin(missed: "sent" | "kept"): void;
}

export interface TellingOptions extends WahaSenderOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly about: WahaServer;
}

/** Events that wait per session; the oldest are lost first. */
const mostWaiting = 10_000;

const enginesOwn = new Set(["state.change", "engine.event"]);

interface Waiting {
  readonly events: readonly string[];
  readonly payload: unknown;
}

export function createTelling(options: TellingOptions): Telling {
  const { clock, random, about } = options;
  const losses = createLosses();
  const waiting = new Map<FakeSession, Waiting[]>();
  let processes = 0;
  let sender: WahaSender | undefined;

  function newSender(): void {
    const stream = processes === 0 ? "sender" : `sender/${processes}`;
    processes += 1;
    sender = createWahaSender({ ...options, ...about, random: random.fork(stream) });
  }

  function hold(session: FakeSession, one: Waiting): void {
    const held = waiting.get(session) ?? [];
    held.push(one);
    if (held.length > mostWaiting) held.shift();
    waiting.set(session, held);
  }

  async function emit(session: FakeSession, events: readonly string[], payload: unknown) {
    if (!sender) {
      hold(session, { events, payload });
      return [];
    }
    session.mailbox.take(events, payload);
    if (session.frozen) return [];
    const told = events.filter(
      (event) => event === "engine.event" || !isIgnored(session.config, payload),
    );
    const { name, me, config } = session;
    const source = { name, me, metadata: config?.metadata };
    // What only says what the engine does is not what a scenario means to lose.
    const lostBy = told.every((event) => enginesOwn.has(event)) ? undefined : losses.take(name);
    return sender.emit(source, config?.webhooks ?? [], told, payload, lostBy);
  }

  async function announce(session: FakeSession, status: string, data: unknown = null) {
    const payload = enterStatus(session, status, clock.now(), about.version, data);
    const told = emit(session, ["session.status"], payload);
    if (status !== "WORKING") return told;
    const held = waiting.get(session) ?? [];
    waiting.delete(session);
    const late = held.map((one) => emit(session, one.events, one.payload));
    return (await Promise.all([told, ...late])).flat();
  }

  newSender();
  return {
    emit,
    announce,
    losses,
    async deliver(session, events, payload) {
      if (session.status === "WORKING") return emit(session, events, payload);
      hold(session, { events, payload });
      return [];
    },
    idle: async () => sender?.idle(),
    async end() {
      const ending = sender;
      sender = undefined;
      await ending?.close();
    },
    begin(missed) {
      newSender();
      if (missed === "sent") return;
      for (const [session, held] of waiting)
        for (const { events, payload } of held) session.mailbox.take(events, payload);
      waiting.clear();
    },
  };
}
