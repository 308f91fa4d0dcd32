import { readFile } from "node:fs/promises";
import { startFakeEvolution, startFakeWaha } from "@recado/simulator";
import { expect, onTestFinished, test } from "vitest";
import { curl, wordsOf } from "../packages/simulator/src/cli/testing/curl.ts";
import { adminKey, startGateway, temporaryFolder } from "./gateway-process.ts";

/**
 * The guides are done word by word: every `curl` line of a page, in its order, at a real gateway and a
 * simulated provider. The values in angle brackets are what a reader would put there.
 */
async function follow(page: string, values: Record<string, string>, gatewayUrl: string) {
  const text = await readFile(new URL(`../docs/guides/${page}`, import.meta.url), "utf8");
  const answers: Record<string, unknown>[] = [];
  for (const [, block = ""] of text.matchAll(/```sh\n([\s\S]*?)```/g)) {
    if (!block.startsWith("curl ")) continue;
    const filled = block
      .replaceAll("http://localhost:3001", gatewayUrl)
      .replaceAll(/<([A-Z_]+)>/g, (_, name: string) => {
        const value = values[name];
        if (value === undefined) throw new Error(`${page} wants a value for <${name}>`);
        return value;
      });
    const answer = await answerTo(filled.trim());
    answers.push(answer);
    if (filled.includes("/servers'")) values["SERVER_ID"] = answer["id"] as string;
  }
  return answers;
}

/** A session that was just given its webhook starts again, which takes a moment: its health is asked until then. */
async function answerTo(command: string): Promise<Record<string, unknown>> {
  const [, ...words] = wordsOf(command);
  for (let asked = 1; ; asked += 1) {
    const { status, text } = await curl(words);
    expect(`${status} ${command}\n${text}`).toMatch(/^20[01] /);
    const answer = JSON.parse(text) as Record<string, unknown>;
    if (!command.includes("/health") || answer["state"] === "open" || asked === 100) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function gateway() {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const started = await startGateway(folder.path);
  onTestFinished(async () => void (await started.stop()));
  return started;
}

test.each(["from-evolution.md", "from-evolution.pt-BR.md"])("%s", async (page) => {
  const before = {
    enabled: true,
    url: "http://127.0.0.1:5678/n8n",
    events: ["MESSAGES_UPSERT"],
    byEvents: true,
  };
  const evolution = await startFakeEvolution({
    apikey: "evolution-key-of-the-guide",
    instances: [{ name: "loja", state: "open" }],
  });
  onTestFinished(() => evolution.close());
  evolution.setWebhook("loja", before);
  const { url } = await gateway();
  const [server, sync, reach, health, released] = await follow(
    page,
    {
      ADMIN_KEY: adminKey,
      EVOLUTION: evolution.url,
      EVOLUTION_KEY: "evolution-key-of-the-guide",
      INSTANCE: "loja",
    },
    url,
  );
  expect(server).toMatchObject({ name: "evo", provider: "evolution" });
  expect(sync).toMatchObject({ state: "done", total: 1, failures: [] });
  expect(reach).toMatchObject({ verdict: expect.stringMatching(/reaches|unproven/) });
  expect(health).toMatchObject({ state: "open" });
  expect(released).toMatchObject({ released: 1, failures: [] });
  expect(evolution.webhookOf("loja")).toMatchObject({ enabled: true, url: before.url });
});

test.each(["from-waha.md", "from-waha.pt-BR.md"])("%s", async (page) => {
  const me = { id: "5511900000001@c.us", pushName: "Loja" };
  const other = { url: "http://127.0.0.1:5678/other", events: ["message"] };
  const waha = await startFakeWaha({
    apiKey: "waha-key-of-the-guide",
    sessions: [{ name: "loja", me, config: { webhooks: [other] } }],
  });
  onTestFinished(() => waha.close());
  const { url } = await gateway();
  const [server, sync, , endpoint, health, released] = await follow(
    page,
    {
      ADMIN_KEY: adminKey,
      WAHA: waha.url,
      WAHA_KEY: "waha-key-of-the-guide",
      INSTANCE: "loja",
    },
    url,
  );
  expect(server).toMatchObject({ name: "waha", provider: "waha" });
  expect(sync).toMatchObject({ state: "done", total: 1, failures: [] });
  expect(endpoint).toMatchObject({ format: "provider" });
  expect(health).toMatchObject({ state: "open" });
  expect(released).toMatchObject({ released: 1, failures: [] });
  expect(waha.webhooksOf("loja")).toEqual([expect.objectContaining(other)]);
});
