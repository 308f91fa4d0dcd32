import type { ApiCall } from "../../../api/index.ts";
import { ProviderApiError } from "../../../api/index.ts";
import { signalOf, type CallOptions, type EvolutionContext } from "../context.ts";
import { flavourOf, type EvolutionFlavour, type EvolutionVersion } from "../server-version.ts";
import {
  readWebhookInput,
  readWebhookRow,
  webhookDifferences,
  webhookSetBody,
  type EvolutionStoredWebhook,
  type EvolutionWebhookInput,
  type WantedWebhook,
  type WebhookDifference,
} from "./webhook-config.ts";
import { namesOfAll, namesOfRefusal, translateEventNames } from "./webhook-events.ts";

export interface SetWebhookOptions extends CallOptions {
  /**
   * What to do with event names of no version. Default `refuse`: nothing is sent and the error names
   * them. Names of other versions are always left out and reported.
   */
  readonly unknownEvents?: "refuse" | "drop";
}

/** How setting a webhook ended, read back from the server. */
export interface WebhookOutcome {
  readonly webhook: EvolutionStoredWebhook | null;
  /** Empty: what is stored is what was wanted. */
  readonly differences: readonly WebhookDifference[];
  /** Event names that this version does not have; left out. */
  readonly notInThisVersion: readonly string[];
  /** Event names of no version; left out on request. */
  readonly unknownEvents: readonly string[];
  /** Parts of the configuration that this version cannot keep: `headers` on 1.x. */
  readonly ignored: readonly string[];
}

/** The stored webhook; null when there is none. */
export async function getWebhook(
  context: EvolutionContext,
  instance: string,
  options?: CallOptions,
): Promise<{ readonly webhook: EvolutionStoredWebhook | null }> {
  const call: ApiCall = {
    method: "GET",
    path: "/webhook/find/:instance",
    parts: { instance },
    whenEmpty: "fine",
    ...signalOf(options),
  };
  const answer = await context.caller.json(call);
  const webhook = readWebhookRow(answer.value);
  if (webhook !== undefined) return { webhook };
  throw context.caller.failure(call, "unexpected_answer", "the answer is not a webhook", answer);
}

/** A configuration made ready for one version. */
interface Plan {
  readonly version: EvolutionVersion | undefined;
  readonly flavour: EvolutionFlavour;
  readonly wanted: WantedWebhook & { readonly url: string };
  /** Empty: all. */
  readonly events: readonly string[];
  readonly notInThisVersion: readonly string[];
  readonly unknownEvents: readonly string[];
}

/**
 * Sets the webhook and reads back what is stored. Without a url the stored one stays. Reading and
 * writing are two calls: of two callers at once the later one wins, and both are told what is stored.
 */
export async function setWebhook(
  context: EvolutionContext,
  instance: string,
  input: EvolutionWebhookInput,
  options?: SetWebhookOptions,
): Promise<WebhookOutcome> {
  const plan = await planFor(context, instance, readWebhookInput(input), options);
  const sent = await send(context, instance, plan, options);
  return readBack(context, instance, sent, options);
}

/**
 * Compares the stored webhook with a configuration, and changes nothing. A configuration without a url
 * has the stored one.
 */
export async function compareWebhook(
  context: EvolutionContext,
  instance: string,
  input: EvolutionWebhookInput,
  options?: SetWebhookOptions,
): Promise<WebhookOutcome> {
  const plan = await planFor(context, instance, readWebhookInput(input), options);
  return readBack(context, instance, plan, options);
}

/**
 * Switches the webhook off and makes sure that it is. There is no call that deletes it (recorded), and
 * an empty url is refused; its headers are emptied, since they may hold secrets.
 */
export async function deleteWebhook(
  context: EvolutionContext,
  instance: string,
  options?: CallOptions,
): Promise<{ readonly webhook: EvolutionStoredWebhook | null }> {
  const current = await getWebhook(context, instance, options);
  if (current.webhook === null || !current.webhook.enabled) return current;
  const { url } = current.webhook;
  const input = { enabled: false, url: url === "" ? "http://localhost" : url, headers: {} };
  const { webhook } = await setWebhook(context, instance, input, options);
  if (webhook?.enabled !== true) return { webhook };
  throw context.caller.failure(
    { method: "POST", path: "/webhook/set/:instance" },
    "unexpected_answer",
    "the webhook is still switched on after it was switched off",
  );
}

/** What is to be sent; rejects with `invalid_request` for names of no version, and without any url. */
export async function planFor(
  context: EvolutionContext,
  instance: string,
  wanted: WantedWebhook,
  options?: SetWebhookOptions,
): Promise<Plan> {
  const version = await context.version();
  const { events, notInThisVersion, unknown } = translateEventNames(wanted.events, version);
  const call: ApiCall = { method: "POST", path: "/webhook/set/:instance" };
  if (unknown.length > 0 && options?.unknownEvents !== "drop") {
    throw context.caller.failure(
      call,
      "invalid_request",
      `unknown events: ${unknown.slice(0, 20).join(", ")}`,
    );
  }
  if (events?.length === 0) {
    // An empty list would mean all of them.
    throw context.caller.failure(call, "invalid_request", "this version has none of the events");
  }
  const url = wanted.url ?? (await getWebhook(context, instance, options)).webhook?.url ?? "";
  if (url === "") throw context.caller.failure(call, "invalid_request", "the webhook needs a url");
  if (wanted.enabled && !/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
    // The server stores anything, and then never calls it (recorded).
    throw context.caller.failure(
      call,
      "invalid_request",
      "the webhook's url must be an http or https address",
    );
  }
  return {
    version,
    flavour: flavourOf(version),
    wanted: { ...wanted, url },
    events: events ?? [],
    notInThisVersion,
    unknownEvents: unknown,
  };
}

/**
 * Sends a plan. Versions can be wrong or missing, so a server that asks for the other form, or that
 * knows fewer events, is asked again in its way, once each.
 */
async function send(
  context: EvolutionContext,
  instance: string,
  plan: Plan,
  options?: CallOptions,
): Promise<Plan> {
  let current = plan;
  for (let corrections = 0; ; corrections += 1) {
    try {
      await context.caller.json(setCall(instance, current, options));
      return current;
    } catch (error) {
      const isRefusal = error instanceof ProviderApiError && error.status === 400;
      const next = isRefusal ? corrected(current, error) : undefined;
      if (next === undefined || corrections >= 2) throw error;
      current = next;
    }
  }
}

/** The plan as the server's refusal asks for it; undefined when it refuses for another reason. */
function corrected(
  plan: Plan,
  { providerMessage = "", bodyText = "" }: ProviderApiError,
): Plan | undefined {
  const missing = /^instance requires property "(webhook|url)"/.exec(providerMessage)?.[1];
  if (missing !== undefined) {
    const flavour = missing === "webhook" ? "v2" : "v1";
    return flavour === plan.flavour ? undefined : { ...plan, flavour };
  }
  const known = namesOfRefusal(bodyText);
  const events = plan.events.filter((name) => known?.includes(name));
  if (known === undefined || events.length === 0 || events.length === plan.events.length) {
    return undefined;
  }
  const left = plan.events.filter((name) => !known.includes(name));
  return { ...plan, events, notInThisVersion: [...plan.notInThisVersion, ...left] };
}

function setCall(instance: string, plan: Plan, options?: CallOptions): ApiCall {
  const { wanted, events, flavour } = plan;
  return {
    method: "POST",
    path: "/webhook/set/:instance",
    parts: { instance },
    body: webhookSetBody(wanted, wanted.url, events, flavour),
    secrets: secretsOf(wanted),
    // Setting the same again changes nothing.
    repeatable: true,
    // What is stored is read back anyway.
    whenEmpty: "fine",
    ...signalOf(options),
  };
}

/** The address carries a token of ours, and headers are there to carry secrets. */
export function secretsOf(wanted: WantedWebhook): readonly string[] {
  // Shorter values would black out ordinary words.
  const values = Object.values(wanted.headers).filter((value) => value.length >= 6);
  return wanted.url === undefined ? values : [wanted.url, ...values];
}

/** What the server has now, compared with the plan. */
export async function readBack(
  context: EvolutionContext,
  instance: string,
  plan: Plan,
  options?: CallOptions,
): Promise<WebhookOutcome> {
  const { webhook } = await getWebhook(context, instance, options);
  const { wanted, events, version, flavour, notInThisVersion, unknownEvents } = plan;
  const differences = webhookDifferences(
    wanted,
    webhook ?? undefined,
    events,
    flavour,
    namesOfAll(version),
  );
  const dropsHeaders = flavour === "v1" && Object.keys(wanted.headers).length > 0;
  const ignored = dropsHeaders ? ["headers"] : [];
  return { webhook, differences, notInThisVersion, unknownEvents, ignored };
}
