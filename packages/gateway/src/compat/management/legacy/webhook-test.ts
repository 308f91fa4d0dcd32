import { createHmac } from "node:crypto";
import type { ProviderName } from "@recado/protocol";
import type { Clock } from "../../../base/clock.ts";
import type { Ids } from "../../../base/ids.ts";
import type { SecretBox } from "../../../base/secret-box.ts";
import { evolutionToken } from "../../../deliver/formats/as-provider.ts";
import type { Outbound, OutboundOutcome } from "../../../outbound/index.ts";
import type { EventLog, StoredEvent } from "../../../store/contract/index.ts";
import type { Session } from "../session.ts";

export interface WebhookTestOptions {
  readonly log: EventLog;
  readonly outbound: Pick<Outbound, "request">;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly ids: Ids;
}

export type WebhookTestResult =
  | { readonly ok: true; readonly ms: number; readonly eventId: string }
  | { readonly ok: false; readonly problem: string };

const timeoutMs = 15_000;
/** Unknown events of one number that may come in beside the test. */
const mostBeside = 100;

/** A body as the provider would send it, for an event that no provider has. */
function testBody(provider: ProviderName, name: string, id: string, now: number): object {
  const data = { id, test: true, message: "Evento de teste do Recado" };
  return provider === "evolution"
    ? { event: "recado.test", instance: name, data, date_time: new Date(now).toISOString() }
    : { id: `evt_${id}`, timestamp: now, event: "recado.test", session: name, payload: data };
}

function signature(provider: ProviderName, secret: string, bytes: Buffer, now: number) {
  return provider === "evolution"
    ? { authorization: `Bearer ${evolutionToken(secret, Math.floor(now / 1_000))}` }
    : {
        "x-webhook-hmac": createHmac("sha512", secret).update(bytes).digest("hex"),
        "x-webhook-hmac-algorithm": "sha512",
      };
}

function problemOf(outcome: OutboundOutcome): string {
  if (outcome.kind === "failed") return `não houve resposta (${outcome.errorCode})`;
  const { statusCode, headers } = outcome;
  const isPage = String(headers["content-type"] ?? "").includes("text/html");
  const by = isPage ? ", com uma página HTML: um proxy respondeu no lugar do Recado" : "";
  return `a resposta foi ${statusCode}${by}`;
}

/**
 * Sends a test event to the session's public webhook address and looks for it in the log: only what was
 * stored here came back to us. Never rejects but when the log cannot be read.
 */
export async function testWebhook(
  options: WebhookTestOptions,
  { scope, instance }: Session,
  url: string,
): Promise<WebhookTestResult> {
  const { log, outbound, secretBox, clock, ids } = options;
  const { provider, providerName, webhookSecret } = instance;
  const id = ids.token(16);
  const now = clock.now();
  const body = Buffer.from(JSON.stringify(testBody(provider, providerName, id, now)));
  const startedAt = clock.monotonic();
  const { head } = await log.bounds(scope);
  const outcome = await outbound.request({
    method: "POST",
    url,
    headers: {
      "content-type": "application/json",
      ...(webhookSecret === undefined
        ? {}
        : signature(provider, secretBox.open(webhookSecret), body, now)),
    },
    body,
    timeoutMs,
    maxResponseBytes: 4_096,
    // The operator's own address, which often leads into the private network.
    allowPrivate: true,
  });
  const ms = Math.round(clock.monotonic() - startedAt);
  const isStored = async (event: StoredEvent): Promise<boolean> =>
    event.bodyId !== undefined && (await log.body(scope, event.bodyId))?.text.includes(id) === true;
  const candidates = await log.query(scope, {
    instanceId: instance.id,
    after: head,
    unrecognised: true,
    limit: mostBeside,
  });
  for (const event of candidates) {
    if (await isStored(event)) return { ok: true, ms, eventId: event.id };
  }
  const answered = outcome.kind === "answered" && outcome.statusCode < 300;
  return {
    ok: false,
    problem: answered ? "quem respondeu não foi este Recado" : problemOf(outcome),
  };
}

/** What to do next, in Portuguese. */
export function testInstructions(
  result: WebhookTestResult,
  session: Session,
  publicUrl: string,
): readonly string[] {
  const name = session.instance.name;
  if (result.ok) {
    return [
      `O evento de teste voltou em ${result.ms} ms (${result.eventId}).`,
      "O teste parte do Recado: para testar o provedor, envie uma mensagem para o número.",
      `Veja o que chegou em GET /api/v1/events?instance=${encodeURIComponent(name)}.`,
    ];
  }
  const isLocal = /^https?:\/\/(?:localhost|127\.|\[::1\])/i.test(publicUrl);
  return [
    ...(isLocal
      ? [
          "PUBLIC_URL aponta para localhost: um provedor em outra máquina ou em um contêiner não chega aqui.",
        ]
      : []),
    "Confira se PUBLIC_URL é o endereço pelo qual o provedor chega ao Recado, com a porta certa.",
    "Confira DNS, certificado TLS e proxy entre o provedor e o Recado.",
  ];
}
