import { evolution, type JsonObject } from "@recado/providers";
import {
  createCast,
  createRandom,
  startFakeEvolution,
  startReceiver,
  type FakeEvolutionOptions,
  type Happening,
  type Person,
} from "@recado/simulator";
import { describe, expect, onTestFinished, test } from "vitest";
import type { StoredMessages } from "../server-control.ts";
import recorded from "../testing/recorded-messages.json" with { type: "json" };
import { createStage, startOddServer } from "../testing/stage.ts";

const owner = "5511900000100@s.whatsapp.net";

async function setUp(options: Partial<FakeEvolutionOptions> = {}) {
  const target = await startReceiver();
  onTestFinished(() => target.close());
  const stage = createStage();
  onTestFinished(() => stage.close());
  const fake = await startFakeEvolution({
    instances: [{ name: "loja", owner, profileName: "Loja Teste" }],
    apikey: "global-key-1",
    ...options,
  });
  onTestFinished(() => fake.close());
  fake.setWebhook("loja", { enabled: true, url: target.url, events: [] });
  const control = stage.controls.of(stage.server("evolution", fake.url, "global-key-1"));
  const told = async (): Promise<readonly JsonObject[]> => {
    await fake.idle();
    return target.requests.map(({ body }) => JSON.parse(String(body)) as JsonObject);
  };
  return { fake, control, told };
}

function draftsOf(body: JsonObject) {
  return evolution.normalise(body, { receivedAt: Date.now(), bodyHash: "hash" });
}

const wanted: ReadonlySet<string> = new Set([
  "message.received",
  "message.sent",
  "message.reacted",
  "message.acked",
]);

/** Type and identity of every message and tick in some bodies. */
const facts = (bodies: readonly JsonObject[]): readonly string[] =>
  bodies
    .flatMap(draftsOf)
    .filter(({ type }) => wanted.has(type))
    .map(({ type, identity }) => `${type} ${identity.key}`);

const all = { since: 0, until: 4_000_000_000_000, limit: 1_000 };

describe("stored messages of an Evolution server", () => {
  test.each(["phone", "lid", "lid_only"] as const)(
    "are the same events as their webhooks were, for people addressed by %s",
    async (addressing) => {
      const { fake, control, told } = await setUp();
      const cast = createCast(0, "Loja Teste", createRandom("stored"));
      const person: Person = {
        name: "Maria Teste",
        phone: "5511900000201",
        lid: "200000000000201@lid",
        addressing,
      };
      const group = { id: "120363000000000201@g.us", members: [person] };
      const text = (id: string, fromMe: boolean, via: "app" | "api" = "app"): Happening => ({
        kind: "message",
        ref: { id, fromMe, person },
        via,
        content: { kind: "text", text: id },
      });
      const sent = { id: "3EB0SENT", fromMe: true, person };
      const happenings: readonly Happening[] = [
        text("3A0001", false),
        text("3A0002", true),
        text("3EB0SENT", true, "api"),
        { kind: "ack", ref: sent, level: 2 },
        { kind: "ack", ref: sent, level: 3 },
        {
          kind: "message",
          ref: { id: "3A0003", fromMe: false, person, group },
          via: "app",
          content: { kind: "image", caption: "foto" },
        },
        {
          kind: "reaction",
          id: "3A0004",
          person,
          target: { id: "3A0002", fromMe: true, person },
          emoji: "👍",
        },
      ];
      for (const happening of happenings) await fake.perform("loja", cast, happening);
      const live = facts(await told());
      const { bodies, complete } = await control.messages("loja", all);
      expect(complete).toBe(true);
      expect(live).toHaveLength(happenings.length);
      expect(facts(bodies).toSorted()).toEqual([...live].toSorted());
      expect(bodies.flatMap(draftsOf).map(({ type }) => type)).not.toContain("provider.event");
      expect(bodies.every((body) => evolution.identify(body).instanceName === "loja")).toBe(true);
    },
  );

  test("come oldest first and in parts that meet, however many share a second", async () => {
    const { fake, control } = await setUp();
    const key = (id: string) => ({ remoteJid: "5511900000201@s.whatsapp.net", fromMe: false, id });
    const seconds = [10, 10, 10, 10, 11, 12, 12, 13, 20, 20, 20, 21];
    for (const [index, second] of seconds.entries()) {
      const data = {
        key: key(`3A${index}`),
        message: { conversation: "oi" },
        messageType: "conversation",
        messageTimestamp: 1_795_512_000 + second,
      };
      await fake.emit("loja", { event: "messages.upsert", data });
    }
    const until = 1_795_512_100_000;
    const ids: string[] = [];
    let since = 1_795_512_000_000;
    let parts = 0;
    for (let part: StoredMessages | undefined; part?.complete !== true; parts += 1) {
      part = await control.messages("loja", { since, until, limit: 2 });
      for (const draft of part.bodies.flatMap(draftsOf)) {
        if (draft.type === "message.received") ids.push(draft.data.messageId);
      }
      if (!part.complete) expect(part.newest ?? 0).toBeGreaterThan(since);
      since = part.newest ?? since;
    }
    expect(parts).toBeGreaterThan(2);
    // What stands at the border of two parts comes in both.
    const secondOf = (id: string) => seconds[Number(id.slice(2))] ?? 0;
    const unique = [...new Set(ids)];
    expect(unique).toHaveLength(seconds.length);
    expect(unique.map(secondOf)).toEqual(seconds);
  });

  test.each([
    ["2.3.7", true],
    ["2.3.4", false],
  ])("that were deleted are told so by %s: %s", async (version, isTold) => {
    const { fake, control, told } = await setUp({ version });
    await fake.receive("loja", { phone: "5511900000201", id: "3A0001" });
    const key = { remoteJid: "5511900000201@s.whatsapp.net", fromMe: false, id: "3A0001" };
    await fake.emit("loja", { event: "messages.delete", data: { ...key, status: "DELETED" } });
    const { bodies } = await control.messages("loja", all);
    const deletions = (all: readonly JsonObject[]): unknown[] =>
      all
        .flatMap(draftsOf)
        .filter(({ type }) => type === "message.deleted")
        .map(({ identity }) => identity);
    expect(deletions(await told())).toHaveLength(1);
    expect(deletions(bodies)).toEqual(isTold ? deletions(await told()) : []);
  });

  test("of the EVOLUTION channel are sent messages where the API was given a bare number", async () => {
    const { fake, control, told } = await setUp();
    const tail = { messageType: "conversation", source: "unknown" };
    await fake.emit("loja", {
      event: "send.message",
      data: {
        key: { id: "326dcec3-cd8b", fromMe: true, remoteJid: "5511900000009" },
        message: { conversation: "resposta" },
        messageTimestamp: 1_795_512_190,
        ...tail,
      },
    });
    const { bodies } = await control.messages("loja", all);
    expect(facts(bodies)).toEqual(facts(await told()));
    expect(bodies).toMatchObject([{ event: "send.message" }]);
  });

  test("of a real server are the events that its webhooks were", async () => {
    const stage = createStage();
    onTestFinished(() => stage.close());
    const answers: Readonly<Record<string, unknown>> = {
      "/": { status: 200, message: "Welcome to the Evolution API", version: "2.3.6" },
      "/instance/fetchInstances?instanceName=rec-evo": [{ name: "rec-evo" }],
      "/chat/findMessages/rec-evo": recorded.answer,
    };
    const server = await startOddServer((request, response) => {
      response.end(JSON.stringify(answers[request.url ?? ""]));
    });
    onTestFinished(() => server.close());
    const control = stage.controls.of(stage.server("evolution", server.url, "global-key-1"));
    const { bodies } = await control.messages("rec-evo", all);
    expect(recorded.webhooks.length).toBeGreaterThan(4);
    expect(facts(bodies)).toEqual(expect.arrayContaining([...facts(recorded.webhooks)]));
    // The server kept a repeated message twice; both are the one event.
    const ids = recorded.answer.messages.records.map(({ key }) => key.id);
    expect(new Set(facts(bodies)).size).toBe(new Set(ids).size);
    expect(bodies.map(({ data }) => (data as { pushName?: unknown }).pushName)).not.toContain(null);
  });
});
