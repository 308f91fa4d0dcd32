import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "./contract.ts";
import { evolution } from "./evolution/index.ts";
import { factHash } from "./fact-hash.ts";
import { loadFixtures, type Fixture } from "./testing/fixtures.ts";
import { contextFor, isObject } from "./testing/provider-suite.ts";
import { waha } from "./waha/index.ts";

const nothing: ReadonlySet<string> = new Set();
const hashOf = (body: unknown): string | undefined => factHash({ body }, nothing);

/** Members in another order, all the way down. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([name, entry]) => [name, reordered(entry)]));
}

const bytes = [12, 7, 255, 0];
const spellings: readonly (readonly [string, unknown])[] = [
  ["an index object", { "0": 12, "1": 7, "2": 255, "3": 0 }],
  ["a Buffer's JSON", { type: "Buffer", data: bytes }],
  ["base64", Buffer.from(bytes).toString("base64")],
];

describe("the hash of a fact", () => {
  it("is the same in any order of members", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
        expect(hashOf(reordered(body))).toBe(hashOf(body));
      }),
    );
  });

  it("tells different values apart", () => {
    const value = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
    fc.assert(
      fc.property(value, value, (one, other) => {
        const isSame = JSON.stringify(reordered(one)) === JSON.stringify(reordered(other));
        // Order of members is the only thing that may differ between two equal facts.
        fc.pre(!isSame && JSON.stringify(sorted(one)) !== JSON.stringify(sorted(other)));
        expect(hashOf(one)).not.toBe(hashOf(other));
      }),
    );
  });

  it.each(spellings)("is the same for bytes as %s", (_name, spelling) => {
    expect(hashOf({ mediaKey: spelling })).toBe(hashOf({ mediaKey: spellings[2]?.[1] }));
  });

  it("takes no other object for bytes", () => {
    const others = [
      { "0": 12, "1": 256 },
      { "0": 12, "2": 7 },
      { "0": "12", "1": 7 },
      { "1": 12 },
      { "0": 12, x: 7 },
      { type: "Buffer", data: [12, 7], more: 1 },
      { type: "Buffer", data: [12, "7"] },
      [12, 7],
      {},
    ];
    const hashes = [...others.map(hashOf), hashOf(Buffer.from([12, 7]).toString("base64"))];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("is given up for a body that nests too deep to be walked", () => {
    let body: unknown = 1;
    for (let level = 0; level < 20_000; level++) body = [body];
    expect(hashOf(body)).toBeUndefined();
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return Object.is(value, -0) ? 0 : value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, entry]) => [name, sorted(entry)]));
}

/** A webhook's body as a Socket.IO client of Evolution gets it. */
function evolutionFrame(body: JsonObject): JsonObject {
  const { data, destination: _destination, server_url, date_time, sender, ...rest } = body;
  const { apikey, event, instance, ...lead } = rest;
  return JSON.parse(
    JSON.stringify({
      ...lead,
      event,
      instance,
      data: withBuffers(reordered(data)),
      server_url,
      date_time,
      ...(sender === undefined ? {} : { sender }),
      ...(apikey === undefined ? {} : { apikey }),
    }),
  ) as JsonObject;
}

function withBuffers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBuffers);
  if (!isObject(value)) return value;
  const names = Object.keys(value);
  const isBytes = names.length > 1 && names.every((name, index) => name === String(index));
  if (isBytes) return Buffer.from(Object.values(value) as number[]);
  return Object.fromEntries(names.map((name) => [name, withBuffers(value[name])]));
}

/** A webhook's body as a later reader of WAHA's `/ws` gets it: sent at another moment, by another worker. */
function wahaFrame(body: JsonObject): JsonObject {
  return {
    ...(reordered(body) as JsonObject),
    me: { id: "5511900000999@c.us", pushName: "Outra" },
    environment: { version: "2099.1.1" },
    metadata: { seen: true },
  };
}

const fixturesOf = (provider: string): readonly Fixture[] =>
  loadFixtures(new URL(`${provider}/fixtures/`, import.meta.url));

describe("the webhook and the socket's frame of one event meet", () => {
  const pairs = [
    { provider: evolution, frame: evolutionFrame },
    { provider: waha, frame: wahaFrame },
  ].flatMap(({ provider, frame }) =>
    fixturesOf(provider.name)
      .filter(({ body }) => isObject(body) && provider.recognises(body))
      // Other programs and the server's own error report have no socket.
      .filter(({ body }) => provider.name === "waha" || Object.hasOwn(body as object, "instance"))
      .map(({ name, body }) => ({ name, provider, body: body as JsonObject, frame })),
  );

  it.each(pairs)("$name", ({ provider, body, frame }) => {
    const keys = (one: JsonObject): readonly string[] =>
      provider.normalise(one, contextFor(one)).map(({ identity }) => identity.key);
    const { me: _me, ...others } = body;
    const isAccountNeeded = JSON.stringify(keys(others)) !== JSON.stringify(keys(body));
    // An own message of a group is found by the account when it does not say its author.
    const socket = isAccountNeeded ? { ...frame(body), me: body["me"] } : frame(body);
    expect(keys(socket)).toEqual(keys(body));
  });

  it("there are pairs of both providers, with and without an identity of their own", () => {
    const kinds = pairs.flatMap(({ provider, body }) =>
      provider
        .normalise(body, contextFor(body))
        .map(({ identity }) => `${provider.name} ${identity.windowMs === undefined}`),
    );
    expect(new Set(kinds).size).toBe(4);
  });
});

describe("different facts stay apart", () => {
  const presence: JsonObject = {
    event: "presence.update",
    instance: "loja",
    data: {
      id: "5511900000009@s.whatsapp.net",
      presences: { "5511900000009@s.whatsapp.net": { lastKnownPresence: "composing" } },
    },
    date_time: "2026-11-24T09:40:00.000Z",
  };
  const keyOf = (body: JsonObject): string | undefined =>
    evolution.normalise(body, contextFor(body))[0]?.identity.key;

  it.each<[string, JsonObject]>([
    ["another moment", { date_time: "2026-11-24T09:40:00.001Z" }],
    ["another instance", { instance: "filial" }],
    ["another member of the envelope", { isLatest: true }],
    [
      "another presence",
      {
        data: {
          id: "5511900000009@s.whatsapp.net",
          presences: { "5511900000009@s.whatsapp.net": { lastKnownPresence: "paused" } },
        },
      },
    ],
  ])("%s", (_name, change) => {
    expect(keyOf({ ...presence, ...change })).not.toBe(keyOf(presence));
  });

  it("in the body of another program every member counts", () => {
    const foreign = { event: "x", sender: "a", destination: "b" };
    const keys = [foreign, { ...foreign, sender: "c" }].map((body) =>
      JSON.stringify(evolution.normalise(body, contextFor(body))[0]?.identity.key),
    );
    expect(keys[0]).not.toBe(keys[1]);
  });
});
