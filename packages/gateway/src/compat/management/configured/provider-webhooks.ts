import { EvolutionApi, WahaApi } from "@recado/providers";
import type { ServerControls } from "../../../sources/index.ts";
import type { ProviderServer } from "../../../store/contract/index.ts";
import type { WebhookWish } from "../words/wish.ts";

/** A webhook as a provider has it. Headers may hold secrets. */
export interface StoredWebhook {
  readonly url: string;
  readonly enabled: boolean;
  readonly events: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly byEvents: boolean;
  readonly base64: boolean;
  readonly retries?: unknown;
  readonly hasHmac: boolean;
}

/** The webhooks of one session at its provider, as they are there. Rejects with `ProviderApiError`. */
export interface ProviderWebhooks {
  /** Every one: Evolution has at most one. */
  list(): Promise<readonly StoredWebhook[]>;
  /** Sets an address past us and reads it back. */
  set(url: string, wish: WebhookWish): Promise<void>;
  /** Takes the webhook at `url` out, whoever set it; nothing when it is not there. */
  remove(url: string): Promise<void>;
}

/**
 * Gives the webhooks of a session, by its provider's name of it. Throws a `ProviderApiError` when the
 * server's key cannot be read.
 */
export function webhooksAt(
  controls: Pick<ServerControls, "clientOptions">,
  server: ProviderServer,
  name: string,
): ProviderWebhooks {
  const options = controls.clientOptions(server);
  return server.provider === "evolution"
    ? ofEvolution(new EvolutionApi(options), name)
    : ofWaha(new WahaApi(options), name);
}

/** Evolution keeps a row after it was switched off, with this address when it never had another. */
const noAddress = "http://localhost";

function ofEvolution(api: EvolutionApi, name: string): ProviderWebhooks {
  return {
    async list() {
      const { webhook } = await api.getWebhook(name);
      if (webhook === null || (!webhook.enabled && webhook.url === noAddress)) return [];
      const { webhookByEvents: byEvents, webhookBase64: base64, ...rest } = webhook;
      return [{ ...rest, byEvents, base64, hasHmac: false }];
    },
    async set(url, { enabled, events, headers, byEvents, base64 }) {
      await api.setWebhook(name, {
        url,
        enabled,
        headers,
        byEvents,
        base64,
        ...(events === undefined ? {} : { events }),
      });
    },
    async remove(url) {
      const { webhook } = await api.getWebhook(name);
      if (webhook?.url === url) await api.deleteWebhook(name);
    },
  };
}

function ofWaha(api: WahaApi, name: string): ProviderWebhooks {
  return {
    async list() {
      const webhooks = await api.webhooks(name);
      return webhooks.map(({ url, enabled, events, headers, retries, hmac }) => ({
        url,
        enabled,
        events,
        headers,
        retries,
        byEvents: false,
        base64: false,
        hasHmac: hmac !== null,
      }));
    },
    async set(url, { enabled, events, headers, retries, hmacKey }) {
      const config = { url, enabled, headers, retries, hmac: hmacKey ?? null };
      await api.setWebhook(name, events === undefined ? config : { ...config, events });
    },
    async remove(url) {
      await api.deleteWebhook(name, (other) => other === url);
    },
  };
}
