import { type Clock, systemClock } from "../clock.ts";
import { createRandom, type Random } from "../random.ts";
import type { AttemptRecord, DeliveryReport } from "../sending/attempt.ts";
import { createOutbox } from "../sending/outbox.ts";
import { configName, reachesGlobalWebhook } from "./evolution-event-names.ts";
import {
  type EvolutionFamily,
  type EvolutionRetry,
  evolutionRetries,
  evolutionRule,
} from "./evolution-retry.ts";
import {
  customHeaders,
  type EvolutionEvent,
  evolutionBody,
  evolutionPost,
  type EvolutionSource,
  type EvolutionWebhook,
  falseUtc,
  isCallable,
  webhookAddress,
} from "./evolution-webhook.ts";

/**
 * Sends webhooks as an Evolution API of a given family does.
 *
 * Owns: which of the two webhooks (instance, global) an event goes to, and its requests. Must not know:
 * what the events say.
 *
 * I1 Instance and global webhook get the same bytes; only the instance's carries headers and proof
 *    ("the global copy has the same bytes and no proof").
 * I2 The proof is made once per event ("every attempt carries the first attempt's token").
 * I3 The filter compares upper-case names, so what no list holds goes nowhere ("groups.update reaches no instance webhook").
 */
export interface EvolutionSender {
  /**
   * One event of an instance, sent to its webhook and to the global one. Never rejects. `now` is when it
   * happened, in Unix milliseconds; the clock's time when it is absent.
   */
  emit(
    source: EvolutionSource,
    webhook: EvolutionWebhook | undefined,
    event: EvolutionEvent,
    now?: number,
  ): Promise<readonly DeliveryReport[]>;
  /** Resolves when nothing is under way or waiting. */
  idle(): Promise<void>;
  /** Loses what waits, as a restart does. */
  close(): Promise<void>;
}

export interface EvolutionSenderOptions {
  /** Default 2.3. Family 1 sends no custom headers and knows no proof. */
  readonly family?: EvolutionFamily;
  readonly serverUrl: string;
  readonly globalWebhook?: { readonly url: string; readonly byEvents?: boolean };
  /** Family 1 puts this, the server's own key, into the global copy. */
  readonly globalApikey?: string;
  /** Minutes east of UTC of the server's clock: 0 in a container, −180 in São Paulo. */
  readonly utcOffsetMinutes?: number;
  readonly retry?: Partial<EvolutionRetry>;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly disorderMs?: number;
  readonly onAttempt?: (url: string, event: string, attempt: AttemptRecord) => void;
}

const userAgents: Readonly<Record<EvolutionFamily, string>> = {
  "2.3": "axios/1.12.2",
  "2.2": "axios/1.7.9",
  "1": "axios/1.6.5",
};

export function createEvolutionSender(options: EvolutionSenderOptions): EvolutionSender {
  const {
    family = "2.3",
    serverUrl,
    globalWebhook,
    clock = systemClock,
    random = createRandom("evolution"),
  } = options;
  const rule = evolutionRule({ ...evolutionRetries[family], ...options.retry });
  const outbox = createOutbox({ ...options, clock, random });
  const userAgent = userAgents[family];

  function destinationOf(webhook: EvolutionWebhook | undefined, event: string): string {
    if (webhook) return webhook.url;
    return globalWebhook ? webhookAddress(globalWebhook.url, event, true) : "";
  }

  async function toInstance(
    webhook: EvolutionWebhook,
    event: string,
    body: Uint8Array,
    now: number,
  ): Promise<DeliveryReport[]> {
    const wanted = webhook.events?.includes(configName(event)) ?? true;
    const url = webhookAddress(webhook.url, event, webhook.webhookByEvents ?? false);
    if (webhook.enabled === false || !wanted || !isCallable(webhook.url)) return [];
    const headers = family === "1" ? [] : await customHeaders(webhook.headers, now);
    // Nothing can be signed with an empty key: the server stumbles over it, and the event is lost.
    if (headers === undefined) return [{ url, event, attempts: [], result: "lost" }];
    return [await outbox.send(event, evolutionPost(url, body, headers, userAgent), rule)];
  }

  async function toGlobal(event: string, body: Uint8Array): Promise<DeliveryReport[]> {
    if (!globalWebhook || !reachesGlobalWebhook(event) || !isCallable(globalWebhook.url)) return [];
    const url = webhookAddress(globalWebhook.url, event, globalWebhook.byEvents ?? false);
    return [await outbox.send(event, evolutionPost(url, body, [], userAgent), rule)];
  }

  return {
    async emit(source, webhook, event, now = clock.now()) {
      const dateTime = falseUtc(now, options.utcOffsetMinutes ?? 0);
      const server = { destination: destinationOf(webhook, event.event), dateTime, serverUrl };
      const body = evolutionBody(source, event, server);
      const globalBody =
        family === "1" && options.globalApikey !== undefined
          ? evolutionBody({ ...source, token: options.globalApikey }, event, server)
          : body;
      const local = webhook ? toInstance(webhook, event.event, body, now) : Promise.resolve([]);
      return (await Promise.all([local, toGlobal(event.event, globalBody)])).flat();
    },
    idle: () => outbox.idle(),
    close: () => outbox.close(),
  };
}
