import { ProviderApiError, type ApiCall } from "../../api/index.ts";
import { objectAt } from "../../message/index.ts";
import type { EvolutionContext } from "./context.ts";
import { signalOf } from "./context.ts";
import {
  readConnection,
  readInstance,
  readToken,
  type EvolutionConnection,
  type EvolutionInstance,
} from "./read-answers.ts";
import { flavourOf, type EvolutionFlavour } from "./server-version.ts";
import {
  readWebhookInput,
  type EvolutionWebhookInput,
  type WantedWebhook,
} from "./webhook/webhook-config.ts";
import {
  planFor,
  readBack,
  secretsOf,
  setWebhook,
  type SetWebhookOptions,
  type WebhookOutcome,
} from "./webhook/webhooks.ts";

/** What can be said when an instance is made. */
export interface CreateOptions extends SetWebhookOptions {
  /** Default `WHATSAPP-BAILEYS`. */
  readonly integration?: "WHATSAPP-BAILEYS" | "WHATSAPP-BUSINESS" | "EVOLUTION";
  /** The instance's key; the server makes one up when it is absent. Not unique by itself. */
  readonly token?: string;
  readonly number?: string;
  /** Wait for the first code (about 5 s). Default false. */
  readonly qrcode?: boolean;
  readonly webhook?: EvolutionWebhookInput;
  /** Switches the instance's own socket on, for all events. */
  readonly websocket?: boolean;
  /** Settings that the server keeps beside: `rejectCall`, `groupsIgnore`, `syncFullHistory`. */
  readonly settings?: Readonly<Record<string, boolean | string>>;
}

export interface CreatedInstance {
  readonly instance: EvolutionInstance;
  /** Secret: the key of this instance. */
  readonly token?: string;
  /** Only where a code was asked for. */
  readonly connection?: EvolutionConnection;
  /** What is stored; absent when none was given, or when it could not be set or read. */
  readonly webhook?: WebhookOutcome;
  /** The instance exists, but its webhook could not be set or read. */
  readonly webhookFailure?: ProviderApiError;
}

/**
 * Makes an instance. Rejects with `conflict` when the name is in use. Never repeated by itself. A webhook
 * that fails afterwards is told beside the result, so that the new key is not lost.
 */
export async function createInstance(
  context: EvolutionContext,
  instance: string,
  options: CreateOptions = {},
): Promise<CreatedInstance> {
  const call: ApiCall = { method: "POST", path: "/instance/create", ...signalOf(options) };
  if (instance.trim() === "" || instance === "." || instance === ".." || !instance.isWellFormed()) {
    // The server would make it, and no call could ever name it again.
    throw context.caller.failure(
      call,
      "invalid_request",
      "an instance of this name could not be called",
    );
  }
  const flavour = flavourOf(await context.version());
  const wanted = options.webhook === undefined ? undefined : readWebhookInput(options.webhook);
  if (wanted?.url === undefined && wanted !== undefined) {
    throw context.caller.failure(call, "invalid_request", "the webhook needs a url");
  }
  const plan = wanted === undefined ? undefined : await planFor(context, instance, wanted, options);
  const answer = await context.caller.json({
    ...call,
    body: createBody(instance, options, flavour, wanted, plan?.events ?? []),
    secrets: [options.token ?? "", ...(wanted === undefined ? [] : secretsOf(wanted))],
    timeoutMs: context.caller.timeoutMs * 2,
  });
  const created = readInstance(objectAt(answer.value, "instance") ?? answer.value, false);
  if (created === undefined) {
    throw context.caller.failure(call, "unexpected_answer", "the answer names no instance", answer);
  }
  const token = readToken(answer.value);
  const connection =
    objectAt(answer.value, "qrcode") === undefined ? undefined : readConnection(answer.value);
  return {
    instance: created,
    ...(token === undefined ? {} : { token }),
    ...(connection === undefined ? {} : { connection }),
    ...(plan === undefined ? {} : await confirm(context, instance, plan, options)),
  };
}

/** Reads the webhook back, and sets it once more where `create` stored another one (`enabled: false` becomes true, recorded). */
async function confirm(
  context: EvolutionContext,
  instance: string,
  plan: Awaited<ReturnType<typeof planFor>>,
  options: CreateOptions,
): Promise<Pick<CreatedInstance, "webhook" | "webhookFailure">> {
  try {
    const outcome = await readBack(context, instance, plan, options);
    if (outcome.differences.length === 0) return { webhook: outcome };
    return { webhook: await setWebhook(context, instance, options.webhook ?? {}, options) };
  } catch (error) {
    if (error instanceof ProviderApiError) return { webhookFailure: error };
    throw error;
  }
}

function createBody(
  instance: string,
  options: CreateOptions,
  flavour: EvolutionFlavour,
  wanted: WantedWebhook | undefined,
  events: readonly string[],
): object {
  const {
    integration = "WHATSAPP-BAILEYS",
    token,
    number,
    qrcode = false,
    settings = {},
  } = options;
  return {
    ...(flavour === "v1" ? snakeNames(settings) : settings),
    instanceName: instance,
    integration,
    ...(token === undefined ? {} : { token }),
    ...(number === undefined ? {} : { number }),
    qrcode,
    ...(wanted === undefined ? {} : webhookPart(wanted, flavour, events)),
    ...(options.websocket === true ? websocketPart(flavour) : {}),
  };
}

function webhookPart(
  { enabled, url, byEvents, base64, headers }: WantedWebhook,
  flavour: EvolutionFlavour,
  events: readonly string[],
): object {
  if (flavour === "v1") {
    return { webhook: url, webhook_by_events: byEvents, webhook_base64: base64, events };
  }
  // Here names are not checked, and only the name that the schema refuses is ever delivered (recorded).
  const names = events.includes("GROUP_UPDATE") ? [...events, "GROUPS_UPDATE"] : events;
  return { webhook: { enabled, url, byEvents, base64, headers, events: names } };
}

/** `rejectCall` is `reject_call` on 1.x. */
function snakeNames(settings: Readonly<Record<string, boolean | string>>): object {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}

function websocketPart(flavour: EvolutionFlavour): object {
  return flavour === "v1"
    ? { websocket_enabled: true, websocket_events: [] }
    : { websocket: { enabled: true, events: [] } };
}
