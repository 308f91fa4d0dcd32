import type { ProviderName } from "@recado/protocol";
import { ProviderApiError } from "@recado/providers";
import type { Directory } from "../../store/contract/index.ts";
import { evolutionEventList, wahaEventList, type ListedEvent } from "./words/event-lists.ts";
import { Refusal } from "./refusal.ts";
import type { DocumentedRoute } from "./serve-documented.ts";
import type { SessionWebhooks } from "./session-webhooks.ts";
import { findSession } from "./session.ts";
import { showWebhook } from "./words/shown-webhook.ts";
import { readWish } from "./words/wish.ts";

const lists: Readonly<Record<ProviderName, readonly ListedEvent[]>> = {
  evolution: evolutionEventList,
  waha: wahaEventList,
};

export interface ProviderRoutesOptions {
  readonly directory: Directory;
  readonly webhooks: SessionWebhooks;
}

/** `/webhook-management/<provider>/…`: the list of events, and one session's webhook. */
export function providerRoutes(
  provider: ProviderName,
  { directory, webhooks }: ProviderRoutesOptions,
): {
  readonly withBody: readonly DocumentedRoute[];
  readonly withoutBody: readonly DocumentedRoute[];
} {
  const base = `/webhook-management/${provider}`;
  const url = `${base}/:name`;
  return {
    withBody: [
      {
        method: "POST",
        url,
        permission: "write",
        async handle({ caller, name, body }) {
          const session = await findSession(directory, caller, provider, name);
          const view = await webhooks.configure(caller, session, readWish(provider, body));
          const message = "Webhook configurado com sucesso";
          return { success: true, message, webhook: showWebhook(provider, view) };
        },
      },
    ],
    withoutBody: [
      {
        // An instance of this name is reached through /api/v1.
        method: "GET",
        url: `${base}/events`,
        permission: "read",
        ofNoTenant: true,
        handle: () => ({ success: true, events: lists[provider] }),
      },
      {
        method: "GET",
        url,
        permission: "read",
        async handle({ caller, name }) {
          const session = await findSession(directory, caller, provider, name);
          try {
            const view = await webhooks.read(caller, session);
            return { success: true, webhook: view && showWebhook(provider, view) };
          } catch (error) {
            // Documented so: a page that shows webhooks goes on while a provider is down.
            if (!(error instanceof ProviderApiError || error instanceof Refusal)) throw error;
            return { success: false, webhook: null };
          }
        },
      },
      {
        method: "DELETE",
        url,
        permission: "write",
        async handle({ caller, name }) {
          const session = await findSession(directory, caller, provider, name);
          await webhooks.remove(caller, session);
          return { success: true, message: "Webhook removido com sucesso" };
        },
      },
    ],
  };
}
