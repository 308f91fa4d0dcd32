import { type Clock, systemClock } from "../clock.ts";
import { createRandom, type Random } from "../random.ts";
import type { AttemptRecord, DeliveryReport } from "../sending/attempt.ts";
import { createOutbox } from "../sending/outbox.ts";
import { wahaRule } from "./waha-retry.ts";
import {
  wahaBody,
  wahaEventId,
  wahaPost,
  type WahaServer,
  type WahaSource,
  type WahaWebhook,
  wahaWants,
} from "./waha-webhook.ts";

/**
 * Sends webhooks as WAHA does.
 *
 * Owns: event ids, request ids, which webhooks an event goes to. Must not know: what the events say.
 *
 * I1 `message` and `message.any` of one message share id and time, as on NOWEB and GOWS ("both names of a
 *    message carry one id"); on WEBJS each has its own.
 * I2 Request id, timestamp, signature and body are the same on every attempt, and the request id differs
 *    between webhooks ("a repetition is byte for byte the first request").
 */
export interface WahaSender {
  /** One occurrence under one or more event names, to every webhook that wants them. Never rejects. */
  emit(
    source: WahaSource,
    webhooks: readonly WahaWebhook[],
    events: readonly string[],
    payload: unknown,
    /** Channels on which it is lost without an attempt. Default: none. */
    lostBy?: ReadonlySet<WahaChannel>,
  ): Promise<readonly DeliveryReport[]>;
  idle(): Promise<void>;
  /** Loses what waits, as a restart does. */
  close(): Promise<void>;
}

export type WahaChannel = "webhook" | "socket";

export interface WahaSenderOptions extends Partial<WahaServer> {
  /** Webhooks of the environment (`WHATSAPP_HOOK_*`): in addition to the session's. */
  readonly globalWebhooks?: readonly WahaWebhook[];
  readonly clock?: Clock;
  readonly random?: Random;
  readonly disorderMs?: number;
  readonly onAttempt?: (url: string, event: string, attempt: AttemptRecord) => void;
  /** Every event as the WebSockets show it, whether or not a webhook wants it. */
  readonly onFrame?: (session: string, event: string, envelope: Uint8Array) => void;
}

const nothing: ReadonlySet<WahaChannel> = new Set();
const base36 = "0123456789abcdefghijklmnopqrstuvwxyz";

export function createWahaSender(options: WahaSenderOptions = {}): WahaSender {
  const { globalWebhooks = [], clock = systemClock, random = createRandom("waha") } = options;
  const { onFrame } = options;
  const server: WahaServer = {
    version: options.version ?? "2026.2.1",
    workerId: options.workerId ?? "waha-1",
    engine: options.engine ?? "NOWEB",
  };
  const frameIds = random.fork("frames");
  const outbox = createOutbox({ ...options, clock, random });
  const machine = random.text(base36, 9);
  let lastTick = 0;

  /** Nine characters of the machine, then a time that never repeats: 17 in base 36, as recorded. */
  function requestId(): string {
    lastTick = Math.max(clock.now(), lastTick + 1);
    return machine + lastTick.toString(36);
  }

  return {
    async emit(source, webhooks, events, payload, lostBy = nothing) {
      const timestamp = clock.now();
      const shared = wahaEventId(timestamp, random);
      const sent = events.flatMap((event, index) => {
        const own = server.engine === "WEBJS" && index > 0;
        const id = own ? wahaEventId(timestamp, random) : shared;
        const body = wahaBody(source, { id, timestamp, event, payload }, server);
        // Recorded: the WebSocket's `message` has an id that no webhook has; other events share theirs.
        const frameId = event === "message" ? wahaEventId(timestamp, frameIds) : id;
        if (onFrame && !lostBy.has("socket")) {
          const frame =
            frameId === id
              ? body
              : wahaBody(source, { id: frameId, timestamp, event, payload }, server);
          onFrame(source.name, event, frame);
        }
        const interested = [...webhooks, ...globalWebhooks].filter((webhook) =>
          wahaWants(webhook, event),
        );
        return interested.map((webhook): Promise<DeliveryReport> => {
          if (lostBy.has("webhook"))
            return Promise.resolve({ url: webhook.url, event, attempts: [], result: "lost" });
          const post = wahaPost(
            webhook,
            body,
            { requestId: requestId(), timestamp },
            server.version,
          );
          return outbox.send(event, post, wahaRule(webhook.retries ?? {}));
        });
      });
      return Promise.all(sent);
    },
    idle: () => outbox.idle(),
    close: () => outbox.close(),
  };
}
