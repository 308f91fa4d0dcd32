import { ProviderApiError, type ApiCall, type ApiCaller } from "../../api/index.ts";
import type { JsonObject } from "../../contract.ts";
import { readSession, type WahaSession } from "./read-answers.ts";
import { narrow, type SessionWebhooks } from "./webhooks/session-webhooks.ts";
import type { WahaWebhookEntry, WahaWebhookInput } from "./webhooks/webhook-config.ts";
import { secretsIn, withWahaWebhook } from "./webhooks/webhook-list.ts";

/** What a new session is to be. */
export interface WahaSessionWish {
  /** Default true. */
  readonly start?: boolean;
  readonly webhook?: WahaWebhookInput;
  /**
   * Everything else of the configuration: `metadata`, `ignore`, `proxy`, and `noweb.store.enabled`, without
   * which NOWEB keeps no messages to reconcile with.
   */
  readonly config?: JsonObject;
}

const createTimeoutMs = 30_000;

/**
 * Creates a session, with a webhook from its first event on. Not repeated without an answer: the second
 * request would be refused as a conflict with the first.
 */
export async function createSession(
  caller: ApiCaller,
  webhooks: SessionWebhooks,
  name: string,
  wish: WahaSessionWish,
): Promise<WahaSession> {
  const { start = true, config } = wish;
  const call: ApiCall = { method: "POST", path: "/api/sessions", timeoutMs: createTimeoutMs };
  if (name.trim() === "") throw caller.failure(call, "invalid_request", "a session needs a name");
  const read = wish.webhook === undefined ? undefined : webhooks.read(wish.webhook, call);
  const entry = read?.kind === "entry" ? read.entry : undefined;

  async function post(webhook: WahaWebhookEntry | undefined): Promise<unknown> {
    const whole =
      webhook === undefined
        ? config
        : withWahaWebhook(config, webhook, (url) => url === webhook.url);
    const body = { name, ...(whole === undefined ? {} : { config: whole }), start };
    const answer = await caller.json({
      ...call,
      body,
      whenEmpty: "fine",
      secrets: secretsIn(whole),
    });
    return answer.value;
  }

  let created: unknown;
  try {
    created = await post(entry);
  } catch (error) {
    const narrowed = entry === undefined ? undefined : narrow(error, entry);
    if (narrowed === undefined) throw error;
    created = await post(narrowed.entry);
  }
  return readSession(created) ?? readBack(caller, name);
}

/** An empty 201 may have created nothing (recorded on 2026.2.1 for `start: false` after a delete). */
async function readBack(caller: ApiCaller, name: string): Promise<WahaSession> {
  const call: ApiCall = {
    method: "GET",
    path: "/api/sessions/:session",
    parts: { session: name },
  };
  try {
    const session = readSession((await caller.json(call)).value);
    if (session !== undefined) return session;
  } catch (error) {
    if (!(error instanceof ProviderApiError) || error.code !== "not_found") throw error;
  }
  throw caller.failure(
    { method: "POST", path: "/api/sessions" },
    "unexpected_answer",
    "the server said yes, but has no such session; create it started",
  );
}
