import type { DeliveryReport } from "../../sending/attempt.ts";
import {
  createEvolutionSender,
  type EvolutionSender,
  type EvolutionSenderOptions,
} from "../evolution-sender.ts";
import { type EvolutionEvent, falseUtc } from "../evolution-webhook.ts";
import type { EvolutionSockets } from "../sockets/evolution-sockets.ts";
import type { FakeInstance } from "../state/fake-instance.ts";
import type { Channel } from "./flow.ts";
import type { World } from "./world.ts";

/** Tells sockets and webhooks what happened, for as long as one process lives, and again for the next. */
export interface Broadcast {
  /** The first process, or the next one: with an empty queue of retries. */
  open(serverUrl: string): void;
  /** Sockets first, then webhooks, with the same time, and not by the channel that loses it. Never rejects. */
  send(
    instance: FakeInstance,
    event: EvolutionEvent,
    lost?: Channel,
  ): Promise<readonly DeliveryReport[]>;
  /** Pending retries are lost. */
  close(): Promise<void>;
}

export function createBroadcast(
  world: World,
  sockets: EvolutionSockets | undefined,
  options: Omit<EvolutionSenderOptions, "serverUrl">,
): Broadcast {
  const { clock, random } = world;
  let serverUrl = "";
  let sender: EvolutionSender | undefined;

  return {
    open(url) {
      serverUrl = url;
      const forked = random.fork("sender");
      const { family } = world;
      sender = createEvolutionSender({ ...options, family, serverUrl, clock, random: forked });
    },
    async send(instance, event, lost) {
      const now = clock.now();
      const { name, token, owner, websocket, webhook } = instance;
      const source = { name, token, owner };
      const dateTime = falseUtc(now, options.utcOffsetMinutes ?? 0);
      const throughSockets = lost === undefined || lost === "webhook";
      if (throughSockets) sockets?.emit(source, websocket, event, { serverUrl, dateTime });
      if (lost === undefined || lost === "socket")
        return sender?.emit(source, webhook, event, now) ?? [];
      return [{ url: webhook?.url ?? "", event: event.event, attempts: [], result: "lost" }];
    },
    close: async () => sender?.close(),
  };
}
