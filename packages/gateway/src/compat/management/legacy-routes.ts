import { documentedProviders } from "@recado/protocol";
import { ProviderApiError } from "@recado/providers";
import type { Caller } from "../../api/caller.ts";
import { RecadoError } from "../../base/recado-error.ts";
import type { ServerControls } from "../../sources/index.ts";
import type { Directory, Instance } from "../../store/contract/index.ts";
import type { OwnAddresses } from "./configured/own-webhook.ts";
import { Refusal } from "./refusal.ts";
import type { DocumentedRoute } from "./serve-documented.ts";
import type { SessionWebhooks } from "./session-webhooks.ts";
import { findAnySession, sessionOf, type Session } from "./session.ts";
import { showWebhook } from "./words/shown-webhook.ts";
import { testInstructions, testWebhook, type WebhookTestOptions } from "./webhook-test.ts";

export interface LegacyRoutesOptions extends WebhookTestOptions {
  readonly directory: Directory;
  readonly webhooks: SessionWebhooks;
  readonly addresses: OwnAddresses;
  readonly publicUrl: () => string;
  readonly controls: ServerControls;
}

const configured = "Webhook configurado com sucesso";
const notConfigured = "Erro ao configurar webhook. Verifique os logs do servidor.";
const notRemoved = "Erro ao remover webhook";

/** Sessions that are configured at once; their servers' own limits hold besides. */
const atOnce = 8;
const page = 500;

function nameOf({ id, name, provider }: Instance): object {
  return { id, name, provider: documentedProviders[provider] };
}

/** These routes say one sentence for whatever a provider did; the provider's words are in `details`. */
async function withSentence<T>(sentence: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof ProviderApiError)) throw error;
    const said = error instanceof ProviderApiError ? error.documentedMessage : error.message;
    throw new Refusal(500, "provider_failed", sentence, [said], error);
  }
}

async function visibleInstances(
  directory: Directory,
  caller: Caller,
): Promise<readonly Instance[]> {
  const all: Instance[] = [];
  for (;;) {
    const last = all.at(-1);
    const next = await directory.instances(caller.scope, {
      limit: page,
      ...(last ? { afterId: last.id } : {}),
    });
    all.push(...next);
    if (next.length < page) break;
  }
  return all.filter(({ id }) => caller.instanceIds?.has(id) !== false);
}

/** Routes of the description's first version: a session by its id or name, whichever its provider. */
export function legacyRoutes(options: LegacyRoutesOptions): readonly DocumentedRoute[] {
  const { directory, webhooks, addresses, publicUrl, controls } = options;
  const base = "/webhook-management/sessions/:name/webhook";

  async function configureOne(caller: Caller, instance: Instance): Promise<object> {
    const about = {
      sessionId: instance.id,
      sessionName: instance.name,
      provider: documentedProviders[instance.provider],
    };
    try {
      await webhooks.ensureOwn(await sessionOf(directory, caller.scope, instance));
      return { ...about, success: true };
    } catch (error) {
      const known = error instanceof Refusal || error instanceof RecadoError;
      if (!known) throw error;
      return { ...about, success: false, error: error.message };
    }
  }

  async function configureAll({ caller }: { readonly caller: Caller }): Promise<object> {
    const instances = await visibleInstances(directory, caller);
    const results: object[] = [];
    const queue = instances.entries();
    const worker = async (): Promise<void> => {
      for (const [index, instance] of queue) results[index] = await configureOne(caller, instance);
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, instances.length) }, worker));
    const succeeded = results.filter((result) => "success" in result && result.success).length;
    return {
      success: true,
      message: `${succeeded}/${instances.length} webhooks configurados com sucesso`,
      results,
      // Each session has an address of its own; this is the door of all of them.
      webhookUrl: `${publicUrl()}/api/webhooks/whatsapp`,
    };
  }

  async function statusOf({ server, instance }: Session): Promise<string> {
    if (!server) return "UNKNOWN";
    try {
      return (await controls.of(server).instance(instance.providerName)).providerState;
    } catch (error) {
      if (error instanceof ProviderApiError) return "UNKNOWN";
      throw error;
    }
  }

  return [
    {
      method: "POST",
      url: `${base}/configure`,
      permission: "write",
      async handle({ caller, name }) {
        const session = await findAnySession(directory, caller, name);
        await withSentence(notConfigured, () => webhooks.ensureOwn(session));
        const webhookUrl = addresses.of(session.instance);
        return {
          success: true,
          message: configured,
          session: { ...nameOf(session.instance), webhookUrl },
        };
      },
    },
    {
      method: "POST",
      url: "/webhook-management/configure-all",
      permission: "write",
      handle: configureAll,
    },
    {
      method: "GET",
      url: base,
      permission: "read",
      async handle({ caller, name }) {
        const session = await findAnySession(directory, caller, name);
        const found = await withSentence("Erro ao buscar webhook", () =>
          webhooks.readAll(caller, session),
        );
        const { provider } = session.instance;
        return {
          success: true,
          session: nameOf(session.instance),
          webhooks: found.map((view) => showWebhook(provider, view)),
        };
      },
    },
    {
      method: "DELETE",
      url: base,
      permission: "write",
      async handle({ caller, name }) {
        const session = await findAnySession(directory, caller, name);
        await withSentence(notRemoved, () => webhooks.remove(caller, session));
        return { success: true, message: "Webhook removido com sucesso" };
      },
    },
    {
      method: "POST",
      url: `${base}/test`,
      permission: "write",
      async handle({ caller, name }) {
        const session = await findAnySession(directory, caller, name);
        const webhookUrl = addresses.of(session.instance);
        const [result, status] = await Promise.all([
          testWebhook(options, session, webhookUrl),
          statusOf(session),
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
      },
    },
  ];
}
