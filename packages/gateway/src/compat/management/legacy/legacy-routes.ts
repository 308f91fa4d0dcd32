import { documentedProviders } from "@recado/protocol";
import { ProviderApiError } from "@recado/providers";
import type { ServerControls } from "../../../sources/index.ts";
import type { Directory, Instance } from "../../../store/contract/index.ts";
import type { OwnAddresses } from "../configured/own-webhook.ts";
import { Refusal } from "../refusal.ts";
import type { DocumentedCall, DocumentedRoute } from "../serve-documented.ts";
import type { SessionWebhooks } from "../session-webhooks.ts";
import { findAnySession, type Session } from "../session.ts";
import { showWebhook } from "../words/shown-webhook.ts";
import { configureAll } from "./configure-all.ts";
import { testInstructions, testWebhook, type WebhookTestOptions } from "./webhook-test.ts";

export interface LegacyRoutesOptions extends WebhookTestOptions {
  readonly directory: Directory;
  readonly webhooks: SessionWebhooks;
  readonly addresses: OwnAddresses;
  readonly publicUrl: () => string;
  readonly controls: ServerControls;
}

function nameOf({ id, name, provider }: Instance): object {
  return { id, name, provider: documentedProviders[provider] };
}

/** These routes say one sentence for whatever a provider did; the provider's words are in `details`. */
async function withSentence<T>(sentence: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal)
      throw new Refusal(500, "provider_failed", sentence, [error.message], error);
    if (!(error instanceof ProviderApiError)) throw error;
    throw new Refusal(500, "provider_failed", sentence, [error.documentedMessage], error);
  }
}

/** The provider's own word for a session's state; `UNKNOWN` when it cannot be asked. */
async function statusOf(controls: ServerControls, { server, instance }: Session): Promise<string> {
  if (!server) return "UNKNOWN";
  try {
    return (await controls.of(server).instance(instance.providerName)).providerState;
  } catch (error) {
    if (error instanceof ProviderApiError) return "UNKNOWN";
    throw error;
  }
}

/** Routes of the description's first version: a session by its id or name, whichever its provider. */
class LegacyRoutes {
  readonly #options: LegacyRoutesOptions;

  constructor(options: LegacyRoutesOptions) {
    this.#options = options;
  }

  async configure(call: DocumentedCall): Promise<object> {
    const { webhooks, addresses } = this.#options;
    const session = await this.#session(call);
    const sentence = "Erro ao configurar webhook. Verifique os logs do servidor.";
    await withSentence(sentence, () => webhooks.ensureOwn(session));
    const webhookUrl = addresses.of(session.instance);
    return {
      success: true,
      message: "Webhook configurado com sucesso",
      session: { ...nameOf(session.instance), webhookUrl },
    };
  }

  async configureAll({ caller }: DocumentedCall): Promise<object> {
    const { directory, webhooks, publicUrl } = this.#options;
    const results = await configureAll(directory, webhooks, caller);
    const succeeded = results.filter(({ success }) => success).length;
    return {
      success: true,
      message: `${succeeded}/${results.length} webhooks configurados com sucesso`,
      results,
      // Each session has an address of its own; this is the door of all of them.
      webhookUrl: `${publicUrl()}/api/webhooks/whatsapp`,
    };
  }

  async list(call: DocumentedCall): Promise<object> {
    const { webhooks } = this.#options;
    const session = await this.#session(call);
    const found = await withSentence("Erro ao buscar webhook", () =>
      webhooks.readAll(call.caller, session),
    );
    return {
      success: true,
      session: nameOf(session.instance),
      webhooks: found.map((view) => showWebhook(session.instance.provider, view)),
    };
  }

  async remove(call: DocumentedCall): Promise<object> {
    const { webhooks } = this.#options;
    const session = await this.#session(call);
    await withSentence("Erro ao remover webhook", () => webhooks.remove(call.caller, session));
    return { success: true, message: "Webhook removido com sucesso" };
  }

  async test(call: DocumentedCall): Promise<object> {
    const { addresses, publicUrl, controls } = this.#options;
    const session = await this.#session(call);
    const webhookUrl = addresses.of(session.instance);
    const [result, status] = await Promise.all([
      testWebhook(this.#options, session, webhookUrl),
      statusOf(controls, session),
    ]);
    return {
      success: result.ok,
      message: result.ok
        ? `Evento de teste enviado e recebido em ${result.ms} ms`
        : `O evento de teste não voltou: ${result.problem}`,
      instructions: testInstructions(result, session, publicUrl()),
      webhookUrl,
      session: { ...nameOf(session.instance), status },
      ...(result.ok ? { eventId: result.eventId, roundTripMs: result.ms } : {}),
    };
  }

  #session({ caller, name }: DocumentedCall): Promise<Session> {
    return findAnySession(this.#options.directory, caller, name);
  }
}

/** `/webhook-management/sessions/:id/webhook…` and `/webhook-management/configure-all`. */
export function legacyRoutes(options: LegacyRoutesOptions): readonly DocumentedRoute[] {
  const routes = new LegacyRoutes(options);
  const one = "/webhook-management/sessions/:name/webhook";
  const all = "/webhook-management/configure-all";
  return [
    {
      method: "POST",
      url: `${one}/configure`,
      permission: "write",
      handle: (call) => routes.configure(call),
    },
    { method: "POST", url: all, permission: "write", handle: (call) => routes.configureAll(call) },
    { method: "GET", url: one, permission: "read", handle: (call) => routes.list(call) },
    { method: "DELETE", url: one, permission: "write", handle: (call) => routes.remove(call) },
    {
      method: "POST",
      url: `${one}/test`,
      permission: "write",
      handle: (call) => routes.test(call),
    },
  ];
}
