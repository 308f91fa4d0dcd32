import {
  createEvolutionApiService,
  createWahaApiService,
  EvolutionWebhookEvent,
  WahaWebhookEvent,
  type ConnectionUpdateEvent,
  type EventHandlers,
  type EvolutionWebhookConfig,
  type MessageAckEvent,
  type MessageEvent,
  type QRCodeUpdateEvent,
  type StatusInstanceEvent,
  type WahaWebhookConfig,
  type WebhookConfig,
  type WebSocketEventPayload,
} from "@recado/providers";
import { startFakeEvolution, startFakeWaha } from "@recado/simulator";
import { expect, expectTypeOf, it } from "vitest";

/** The programs of the documented description, as they stand there; only the services are made here. */

it("Evolution's four methods do what the description shows", async () => {
  const evolution = await startFakeEvolution({
    apikey: "key-of-evolution",
    instances: [{ name: "minha-instancia" }],
  });
  const evolutionApiService = createEvolutionApiService({
    baseUrl: evolution.url,
    apiKey: "key-of-evolution",
    fetch,
  });
  try {
    // Configurar webhook
    await evolutionApiService.setWebhook("minha-instancia", {
      url: "https://meu-servidor.com/webhook",
      events: [EvolutionWebhookEvent.MESSAGES_UPSERT],
    });

    // Buscar configuração
    const { webhook } = await evolutionApiService.getWebhook("minha-instancia");
    expect(webhook?.url).toBe("https://meu-servidor.com/webhook");
    expect(webhook?.events).toEqual(["MESSAGES_UPSERT"]);
    expect(webhook?.enabled).toBe(true);

    // Remover
    await evolutionApiService.deleteWebhook("minha-instancia");
    expect(evolution.webhookOf("minha-instancia")?.enabled).toBe(false);

    const instance = await evolutionApiService.createInstanceWithWebhook("vendas-2024", {
      url: "https://meu-dominio.com/api/webhooks/whatsapp",
      webhookByEvents: false,
      events: [
        EvolutionWebhookEvent.MESSAGES_UPSERT,
        EvolutionWebhookEvent.CONNECTION_UPDATE,
        EvolutionWebhookEvent.QRCODE_UPDATED,
      ],
    });
    expect(instance.instance.name).toBe("vendas-2024");
    expect(evolution.webhookOf("vendas-2024")).toMatchObject({
      url: "https://meu-dominio.com/api/webhooks/whatsapp",
      enabled: true,
    });

    await evolutionApiService.setWebhook("vendas-2024", {
      url: "https://novo-dominio.com/webhook",
      enabled: true,
    });
    const after = await evolutionApiService.getWebhook("vendas-2024");
    expect(after.webhook?.url).toBe("https://novo-dominio.com/webhook");
  } finally {
    await evolution.close();
  }
});

it("WAHA's three methods do what the description shows", async () => {
  const waha = await startFakeWaha({ apiKey: "key-of-waha", sessions: [{ name: "minha-sessao" }] });
  const wahaApiService = createWahaApiService({ baseUrl: waha.url, apiKey: "key-of-waha", fetch });
  try {
    await wahaApiService.setWebhook("minha-sessao", {
      url: "https://meu-dominio.com/webhook",
      events: [WahaWebhookEvent.MESSAGE, WahaWebhookEvent.MESSAGE_ACK],
      retries: 3,
      hmac: null,
    });
    const { webhook } = await wahaApiService.getWebhook("minha-sessao");
    expect(webhook).toMatchObject({
      url: "https://meu-dominio.com/webhook",
      events: ["message", "message.ack"],
      retries: { attempts: 3 },
      hmac: null,
    });
    await wahaApiService.deleteWebhook("minha-sessao");
    expect(await wahaApiService.getWebhook("minha-sessao")).toEqual({ webhook: null });
  } finally {
    await waha.close();
  }
});

it("a server that is not there, or a wrong key, is told by the client's own error", async () => {
  const waha = await startFakeWaha({ apiKey: "right-key", sessions: [] });
  const wrong = createWahaApiService({ baseUrl: waha.url, apiKey: "wrong-key", fetch });
  await expect(wrong.sessions()).rejects.toMatchObject({ code: "unauthorised", status: 401 });
  await waha.close();
  await expect(wrong.deleteWebhook("x")).rejects.toMatchObject({ code: "unreachable" });
});

it("every documented type exists, with the members that readers use", () => {
  expectTypeOf<EvolutionWebhookConfig>().toExtend<WebhookConfig>();
  expectTypeOf<WahaWebhookConfig>().toExtend<WebhookConfig>();
  expectTypeOf<WebSocketEventPayload<ConnectionUpdateEvent>["data"]["state"]>().toEqualTypeOf<
    "open" | "connecting" | "close"
  >();
  expectTypeOf<QRCodeUpdateEvent["qr"]>().toEqualTypeOf<string>();
  expectTypeOf<MessageEvent["key"]["remoteJid"]>().toEqualTypeOf<string>();
  expectTypeOf<MessageAckEvent["ack"]>().toEqualTypeOf<number>();
  expectTypeOf<StatusInstanceEvent["instance"]>().toEqualTypeOf<string>();
  const handlers: EventHandlers = {
    "whatsapp:message_ack": ({ data }) => expect(data.ack).toBeDefined(),
  };
  expect(Object.keys(handlers)).toEqual(["whatsapp:message_ack"]);
});
