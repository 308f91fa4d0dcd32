import {
  startFakeEvolution,
  startFakeWaha,
  type FakeEvolution,
  type FakeWaha,
} from "@recado/simulator";
import { onTestFinished } from "vitest";
import type { Instance } from "../../../store/contract/index.ts";
import type { ProviderSocketsOptions } from "../index.ts";
import { createSocketStage, type SocketStage } from "./socket-stage.ts";

export const apikey = "GLOBAL-KEY-0001";
export const owner = "5511900000100@s.whatsapp.net";
export const maria = "5511900000201@s.whatsapp.net";
/** An event without an identity of its own. */
export const presence = (state: string) => ({
  event: "presence.update",
  data: { id: maria, presences: { [maria]: { lastKnownPresence: state } } },
});

export async function stageWith(
  change: Partial<ProviderSocketsOptions> = {},
): Promise<SocketStage> {
  const stage = await createSocketStage(change);
  onTestFinished(() => stage.close());
  return stage;
}

export async function evolutionWith(
  change: Partial<Parameters<typeof startFakeEvolution>[0]> = {},
): Promise<FakeEvolution> {
  const instances = ["loja", "filial"].map((name) => ({
    name,
    token: `TOKEN-${name}`,
    owner,
    state: "open" as const,
  }));
  const fake = await startFakeEvolution({ instances, apikey, ...change });
  onTestFinished(() => fake.close());
  return fake;
}

const me = { id: "5511900000101@c.us", pushName: "Loja Teste" };

export async function wahaWith(hookUrl?: string): Promise<FakeWaha> {
  const webhooks = hookUrl === undefined ? [] : [{ url: hookUrl, events: ["*"] }];
  const sessions = ["default", "loja"].map((name) => ({ name, me, config: { webhooks } }));
  const fake = await startFakeWaha({ apiKey: apikey, sessions });
  onTestFinished(() => fake.close());
  return fake;
}

/** One number of an Evolution server, and the connection to it. */
export async function evolutionStage(
  options: Parameters<typeof evolutionWith>[0] = {},
  instanceChange: Partial<Instance> = {},
  change: Partial<ProviderSocketsOptions> = {},
) {
  const stage = await stageWith(change);
  const fake = await evolutionWith(options);
  fake.setWebhook("loja", { enabled: true, url: stage.hookUrl, events: [] });
  const server = await stage.server("evolution", fake.url, apikey);
  const instance = await stage.instance(server, "loja", instanceChange);
  stage.sockets.start();
  await stage.live();
  return { stage, fake, server, instance };
}
