import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Instance, ProviderServer } from "../../../store/contract/index.ts";
import type { HookState, RemoteInstance } from "../../control/server-control.ts";
import { driftOf, maxRepairs, repairWindowMs, type DriftMemory } from "./drift.ts";
import { matchInstances } from "./match-instances.ts";
import { nameFor } from "./name-for.ts";
import { ingestTokenIn, isBelow, ownAddresses, shownAddress } from "./own-address.ts";
import { secretPlan, unsignedGraceMs } from "./secret-plan.ts";
import { signingAbility } from "./signing.ts";

const server: ProviderServer = {
  id: "srv_1",
  tenantId: "t",
  name: "evo",
  provider: "evolution",
  baseUrl: "http://evolution:8080",
  apiKey: "",
  ingestToken: "server-token-of-evo",
  createdAt: 0,
};

function instance(id: string, change: Partial<Instance> = {}): Instance {
  const name = change.providerName ?? id;
  const common = { tenantId: "t", provider: "evolution" as const, createdAt: 0 };
  return { id, name, providerName: name, ingestToken: `token-of-${id}`, ...common, ...change };
}

const remote = (name: string): RemoteInstance => ({ name, state: "open", providerState: "open" });

describe("matching a server's numbers", () => {
  const loja = { providerName: "loja" };
  test.each<[string, Instance[], string, string | undefined]>([
    ["its own", [instance("a", loja), instance("b", { ...loja, serverId: "srv_1" })], "own", "b"],
    ["learnt without an address", [instance("a", loja)], "learnt", "a"],
    [
      "learnt under this address",
      [instance("a", loja), instance("b", { ...loja, serverUrl: "http://evolution:8080/" })],
      "learnt",
      "b",
    ],
    [
      "learnt under a name that its numbers use",
      [
        instance("x", { serverId: "srv_1", serverUrl: "https://evo.example" }),
        instance("a", { ...loja, serverUrl: "https://evo.example" }),
      ],
      "learnt",
      "a",
    ],
    [
      "learnt under another address",
      [instance("a", { ...loja, serverUrl: "https://elsewhere.example" })],
      "doubtful",
      "a",
    ],
    ["another server's", [instance("a", { ...loja, serverId: "srv_2" })], "new", undefined],
    ["another provider's", [instance("a", { ...loja, provider: "waha" })], "new", undefined],
    ["of another name", [instance("a", { providerName: "Loja" })], "new", undefined],
    ["in decomposed form", [instance("a", { providerName: "loja" })], "learnt", "a"],
  ])("one that is %s", (_what, known, kind, id) => {
    const [match] = matchInstances(server, [remote("loja")], known).matches;
    expect(match?.kind).toBe(kind);
    expect(match && "instance" in match ? match.instance.id : undefined).toBe(id);
  });

  test("every number has exactly one match, no instance has two, and only own ones can be gone", () => {
    const names = fc.constantFrom("a", "b", "cafe\u0301", "café", "");
    const known = fc.array(
      fc.record({
        providerName: names,
        serverId: fc.constantFrom(undefined, "srv_1", "srv_2"),
        serverUrl: fc.constantFrom(undefined, "http://evolution:8080", "https://x.example"),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(fc.array(names, { maxLength: 6 }), known, (remotes, seeds) => {
        const all = seeds.map(({ serverId, serverUrl, providerName }, index) =>
          instance(`i${index}`, {
            providerName,
            ...(serverId === undefined ? {} : { serverId }),
            ...(serverUrl === undefined ? {} : { serverUrl }),
          }),
        );
        const { matches, vanished } = matchInstances(server, remotes.map(remote), all);
        expect(matches.map((match) => match.remote.name)).toEqual(remotes);
        const used = matches.flatMap((match) => ("instance" in match ? [match.instance.id] : []));
        expect(new Set(used).size).toBe(used.length);
        for (const { id, serverId } of vanished) {
          expect(serverId).toBe("srv_1");
          expect(used).not.toContain(id);
        }
        const own = all.filter(({ serverId }) => serverId === "srv_1");
        const kept = matches.filter(({ kind }) => kind === "own");
        expect(kept.length + vanished.length).toBe(own.length);
      }),
    );
  });
});

describe("the name of an adopted number", () => {
  test.each([
    ["loja", [], "loja"],
    ["loja", ["loja"], "loja@evo"],
    ["loja", ["loja", "loja@evo"], "loja@evo-2"],
    [" ", [], "evo"],
    ["cafe\u0301", [], "café"],
  ])("%j beside %j is %j", (name, taken, expected) => {
    expect(nameFor(name, "evo", (other) => taken.includes(other))).toBe(expected);
  });

  test("is free, well-formed and short whatever the provider calls it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), fc.nat(4), (name, count) => {
        const taken = new Set<string>();
        for (let n = 0; n <= count; n++) {
          const given = nameFor(name, "☕".repeat(150), (other) => taken.has(other));
          expect(taken.has(given)).toBe(false);
          expect(given.isWellFormed() && given.trim() !== "").toBe(true);
          expect([...given].length).toBeLessThanOrEqual(200);
          taken.add(given);
        }
      }),
    );
  });
});

test.each([
  ["evolution", "2.3.7", undefined, "yes"],
  ["evolution", "v2.3.0", undefined, "yes"],
  ["evolution", "3.0.0", undefined, "yes"],
  ["evolution", "2.2.3", undefined, "no"],
  ["evolution", "1.8.2", undefined, "no"],
  ["evolution", "homolog", undefined, "unknown"],
  ["evolution", undefined, undefined, "unknown"],
  ["waha", "2026.2.1", "NOWEB", "yes"],
  ["waha", "2024.11.1", "WEBJS", "yes"],
  ["waha", "2024.10.8", "WEBJS CORE", "no"],
  ["waha", "2024.10.8", "WEBJS PLUS", "unknown"],
] as const)("%s %s %s signs: %s", (provider, version, flavour, expected) => {
  const about = { provider, ...(version ? { version } : {}), ...(flavour ? { flavour } : {}) };
  expect(signingAbility(about)).toBe(expected);
});

describe("addresses", () => {
  test.each([
    ["https://r.example/in/abcdefghijklmnop1234", "abcdefghijklmnop1234"],
    ["https://r.example/base/in/abcdefghijklmnop1234/messages-upsert", "abcdefghijklmnop1234"],
    ["https://r.example/in/abcdefghijklmnop1234?x=1", "abcdefghijklmnop1234"],
    ["https://r.example/in/short", undefined],
    ["https://r.example/inn/abcdefghijklmnop1234", undefined],
    ["not a url", undefined],
    ["", undefined],
  ])("%s has the token %s", (url, token) => {
    expect(ingestTokenIn(url)).toBe(token);
    expect(ownAddresses(new Set(["abcdefghijklmnop1234"]))(url)).toBe(token !== undefined);
    expect(ownAddresses(new Set(["another-token-of-ours"]))(url)).toBe(false);
  });

  test.each([
    ["https://r.example", "https://r.example/in/x", true],
    ["https://r.example/gw", "https://r.example/gw/in/x", true],
    ["https://r.example/gw", "https://r.example/in/x", false],
    ["https://r.example", "https://r.example.evil.example/in/x", false],
    ["https://r.example", "http://r.example/in/x", false],
  ])("below %s is %s: %s", (base, url, expected) => {
    expect(isBelow(base, url)).toBe(expected);
  });

  test.each([
    "https://user:pässword@n8n.example/hook/s3cret?token=s3cret#s3cret",
    "https://r.example/in/s3cret-s3cret-s3cret-s3cret",
    "s3cret",
    "ftp://s3cret.example/s3cret",
  ])("%s is shown without what may be secret", (url) => {
    expect(shownAddress(url)).not.toMatch(/s3cret|pässword/);
  });
});

const state = (change: Partial<HookState>): HookState => ({
  inPlace: false,
  differences: [],
  others: [],
  changed: false,
  ...change,
});
const difference = (setting: string, found = "x") => ({ setting, wanted: "w", found });

describe("demanding a signature", () => {
  const theirs = { url: "https://n8n", enabled: true, events: [], headers: {} };
  test.each<[string, Partial<HookState>, "yes" | "no" | "unknown", string]>([
    ["nothing stood there", { differences: [difference("missing")] }, "yes", "now"],
    [
      "another's stood there",
      { differences: [difference("url"), difference("secret")], replaced: theirs },
      "yes",
      "now",
    ],
    ["ours stood there unsigned", { differences: [difference("secret")] }, "yes", "at"],
    ["ours had other events", { differences: [difference("events")] }, "yes", "now"],
    ["the provider cannot", { differences: [difference("missing")] }, "no", "never"],
    ["nobody knows whether it can", { differences: [difference("secret")] }, "unknown", "never"],
  ])("when %s", (_what, found, ability, kind) => {
    const plan = secretPlan(state(found), ability, 1_000);
    expect(plan.kind).toBe(kind);
    if (plan.kind === "at") expect(plan.time).toBe(1_000 + unsignedGraceMs);
  });
});

describe("what a difference means", () => {
  const none: DriftMemory = { repairs: [] };
  test.each([
    ["url", "deaf", true],
    ["missing", "deaf", true],
    ["enabled", "deaf", true],
    ["secret", "deaf", true],
    ["events", "deaf", false],
    ["events", "all", true],
    ["url", "off", false],
  ] as const)("%s under the policy %s is repaired: %s", (setting, policy, repair) => {
    const verdict = driftOf(state({ differences: [difference(setting)] }), none, policy, 1);
    expect(verdict).toMatchObject({ isNews: true, repair, gaveUp: false });
  });

  test("two programs that both repair come to an end, and it goes on after a day", () => {
    let memory = none;
    let repaired = 0;
    let now = 0;
    let gaveUp = 0;
    for (let round = 0; round < 50; round++) {
      now += 60_000;
      const verdict = driftOf(state({ differences: [difference("url")] }), memory, "deaf", now);
      memory = verdict.memory;
      if (verdict.repair) repaired++;
      if (verdict.gaveUp) gaveUp++;
    }
    expect([repaired, gaveUp]).toEqual([maxRepairs, 50 - maxRepairs]);
    const later = now + repairWindowMs + 1;
    expect(driftOf(state({ differences: [difference("url")] }), memory, "deaf", later).repair).toBe(
      true,
    );
  });

  test("the same is news once, another difference again, and so is its return", () => {
    const url = state({ differences: [difference("url", "https://a")] });
    const first = driftOf(url, none, "off", 1);
    const again = driftOf(url, first.memory, "off", 2);
    const other = driftOf(
      state({ differences: [difference("url", "https://b")] }),
      again.memory,
      "off",
      3,
    );
    const right = driftOf(state({ inPlace: true }), other.memory, "off", 4);
    const back = driftOf(url, right.memory, "off", 5);
    expect([first, again, other, right, back].map(({ isNews }) => isNews)).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  test("nothing secret of an address is in what is told", () => {
    const found = "https://user:s3cret@n8n.example/s3cret?k=s3cret";
    const { differences } = driftOf(
      state({ differences: [difference("url", found)] }),
      none,
      "off",
      1,
    );
    expect(JSON.stringify(differences)).not.toContain("s3cret");
    expect(JSON.stringify(differences)).toContain("n8n.example");
  });
});
