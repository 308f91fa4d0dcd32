import { waha, type JsonObject } from "@recado/providers";
import {
  createCast,
  createRandom,
  startFakeWaha,
  startReceiver,
  type FakeWahaOptions,
  type Happening,
  type Person,
} from "@recado/simulator";
import { describe, expect, onTestFinished, test } from "vitest";
import type { StoredMessages } from "../server-control.ts";
import { createStage } from "../testing/stage.ts";

const me = { id: "5511900000101@c.us", pushName: "Loja Teste", lid: "111000000000101@lid" };

async function setUp(options: Partial<FakeWahaOptions> = {}) {
  const target = await startReceiver();
  onTestFinished(() => target.close());
  const stage = createStage();
  onTestFinished(() => stage.close());
  const webhooks = [{ url: target.url, events: ["*"] }];
  const config = { noweb: { store: { enabled: true } }, webhooks };
  const fake = await startFakeWaha({
    apiKey: "waha-key-1",
    sessions: [{ name: "loja", me, config }],
    ...options,
  });
  onTestFinished(() => fake.close());
  const control = stage.controls.of(stage.server("waha", fake.url, "waha-key-1"));
  const told = async (): Promise<readonly JsonObject[]> => {
    await fake.idle();
    return target.requests.map(({ body }) => JSON.parse(String(body)) as JsonObject);
  };
  return { fake, control, told };
}

function draftsOf(body: JsonObject) {
  return waha.normalise(body, { receivedAt: Date.now(), bodyHash: "hash" });
}

const maria = { name: "Maria Teste", phone: "5511900000201", lid: "200000000000201@lid" };
const mariaJid = `${maria.phone}@s.whatsapp.net`;
const messages: ReadonlySet<string> = new Set(["message.received", "message.sent"]);

/** Type and identity of every message, each once: WAHA tells those of others twice. */
function identities(bodies: readonly JsonObject[], types: ReadonlySet<string>): readonly string[] {
  const all = bodies
    .flatMap(draftsOf)
    .filter(({ type }) => types.has(type))
    // As the log has it once it knows whose LID it is.
    .map(({ type, identity }) => `${type} ${identity.key}`.replaceAll(maria.lid, mariaJid));
  return [...new Set(all)].toSorted();
}

const all = { since: 0, until: 4_000_000_000_000, limit: 1_000 };

describe("stored messages of a WAHA session", () => {
  test.each(["phone", "lid", "lid_only"] as const)(
    "are the same events as their webhooks were, for people addressed by %s",
    async (addressing) => {
      const { fake, control, told } = await setUp();
      const cast = createCast(0, "Loja Teste", createRandom("stored"));
      const person: Person = { ...maria, addressing };
      const group = { id: "120363000000000201@g.us", members: [person] };
      const text = (id: string, fromMe: boolean, via: "app" | "api" = "app"): Happening => ({
        kind: "message",
        ref: { id, fromMe, person },
        via,
        content: { kind: "text", text: id },
      });
      const happenings: readonly Happening[] = [
        text("3A0001", false),
        text("3A0002", true),
        text("3EB0SENT", true, "api"),
        { kind: "ack", ref: { id: "3EB0SENT", fromMe: true, person }, level: 3 },
        {
          kind: "message",
          ref: { id: "3A0003", fromMe: false, person, group },
          via: "app",
          content: { kind: "image", caption: "foto" },
        },
      ];
      for (const happening of happenings) await fake.perform("loja", cast, happening);
      const live = await told();
      const { bodies, complete } = await control.messages("loja", all);
      expect(complete).toBe(true);
      expect(identities(bodies, messages)).toHaveLength(4);
      expect(identities(bodies, messages)).toEqual(identities(live, messages));
      const ticks = new Set(["message.acked"]);
      expect(identities(bodies, ticks)).toEqual(
        expect.arrayContaining([...identities(live, ticks)]),
      );
      expect(bodies.flatMap(draftsOf).map(({ type }) => type)).not.toContain("provider.event");
      expect(bodies.every((body) => waha.recognises(body))).toBe(true);
    },
  );

  test("come oldest first and in parts that meet, however many share a second", async () => {
    const { fake, control } = await setUp();
    const start = 1_795_512_000;
    const seconds = [
      0,
      ...Array.from({ length: 350 }, () => 1),
      2,
      2,
      3,
      ...Array.from({ length: 250 }, () => 4),
      5,
    ];
    for (const [index, second] of seconds.entries()) {
      fake.keep("loja", {
        id: `false_5511900000201@c.us_3A${index}`,
        timestamp: start + second,
        from: "5511900000201@c.us",
        fromMe: false,
        body: "oi",
        ack: 2,
      });
    }
    const until = (start + 100) * 1_000;
    const ids: string[] = [];
    let since = start * 1_000;
    let parts = 0;
    for (let part: StoredMessages | undefined; part?.complete !== true; parts += 1) {
      part = await control.messages("loja", { since, until, limit: 20 });
      for (const draft of part.bodies.flatMap(draftsOf)) {
        if (draft.type === "message.received") ids.push(draft.data.messageId);
      }
      if (!part.complete) expect(part.newest ?? 0).toBeGreaterThan(since);
      since = part.newest ?? since;
    }
    expect(parts).toBeGreaterThan(1);
    expect([...new Set(ids)]).toEqual(seconds.map((_, index) => `3A${index}`));
  });

  test("are not there without NOWEB's store, and the error says what to do", async () => {
    const { control } = await setUp({ sessions: [{ name: "loja", me }] });
    await expect(control.messages("loja", all)).rejects.toMatchObject({
      code: "feature_off",
      advice: expect.stringContaining("noweb.store.enabled"),
    });
  });
});
