import type { ProviderName } from "@recado/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fixtureBodies, openDoor, type Body, type DoorStage } from "./testing/door-stage.ts";

let door: DoorStage;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

/** The same members in another order, at every level. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reordered(member)]),
  );
}

function without(body: Body, ...names: readonly string[]): Body {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));
}

interface Way {
  readonly name: string;
  /** Only bodies whose file name it fits come this way as the same occurrence. */
  readonly for?: RegExp;
  change(body: Body): unknown;
}

const ways: Readonly<Record<ProviderName, readonly Way[]>> = {
  evolution: [
    { name: "its retry", change: (body) => body },
    {
      name: "the global webhook",
      change: (body) => ({ ...body, destination: "https://other.example/x", apikey: null }),
    },
    {
      name: "the socket",
      change: (body) => reordered(without(body, "destination", "apikey")),
    },
    {
      name: "again after a restart of the server",
      for: /^(?:v1\.)?(?:messages\.upsert|send\.message\.(?!update)|messages\.delete|qrcode\.updated\.(?!limit)|call)/,
      change: (body) => ({ ...body, date_time: "2031-01-01T00:00:00.000Z" }),
    },
  ],
  waha: [
    { name: "its retry", change: (body) => body },
    { name: "another webhook", change: (body) => ({ ...body, metadata: { a: "b" } }) },
    { name: "an updated server", change: (body) => ({ ...body, environment: {}, me: null }) },
    { name: "the socket", change: reordered },
    {
      name: "again after a restart of the server",
      for: /^(?:legacy-2024-)?(?:message-(?!waiting)|call|poll)/,
      change: (body) => ({
        ...body,
        id: "evt_01kkkkkkkkkkkkkkkkkkkkkkkk",
        timestamp: 1_900_000_000_000,
      }),
    },
    {
      name: "message beside message.any",
      for: /^message-(?:text|image|group|audio|document|location|any)/,
      change: (body) => ({
        ...body,
        id: "evt_01jjjjjjjjjjjjjjjjjjjjjjjj",
        event: body["event"] === "message" ? "message.any" : "message",
      }),
    },
  ],
};

interface Answers {
  readonly name: string;
  /** Events that the first copy was. */
  readonly first: number;
  /** Events that each later copy was. */
  readonly later: Readonly<Record<string, number>>;
  /** Events that all copies were together that came at the same moment. */
  readonly atOnce: number;
}

async function answersOf(provider: ProviderName, name: string, body: Body): Promise<Answers> {
  const number = await door.number(`${provider} ${name}`, provider);
  const fitting = ways[provider].filter((way) => way.for?.test(name) !== false);
  const { events: first } = await number.send(body);
  const later: Record<string, number> = {};
  for (const way of fitting) later[way.name] = (await number.send(way.change(body))).events;
  const other = await door.number(`${provider} ${name} again`, provider);
  // The last one first.
  const all = [body, ...fitting.map((way) => way.change(body))].toReversed();
  const answers = await Promise.all(all.map((copy) => other.send(copy)));
  const atOnce = answers.reduce((sum, { events }) => sum + events, 0);
  return { name, first, later, atOnce };
}

test.each(["evolution", "waha"] as const)(
  "every event of %s is stored once, whichever ways it comes and in whichever order",
  async (provider) => {
    const bodies = [...fixtureBodies(provider)];
    expect(bodies.length).toBeGreaterThan(100);
    const answers = await Promise.all(
      bodies.map(([name, body]) => answersOf(provider, name, body)),
    );
    const doubled = answers.filter(({ first, atOnce, later }) => {
      const isSame = first > 0 && atOnce === first;
      return !isSame || Object.values(later).some((events) => events !== 0);
    });
    expect(doubled).toEqual([]);
  },
  60_000,
);
