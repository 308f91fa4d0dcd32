import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventDraft, JsonObject, NormaliseContext, Provider } from "../contract.ts";
import { removeMembers } from "../json-text.ts";
import { expectValidDraft, otherDigitsIn, phonesIn } from "./draft-rules.ts";
import { summaryOf, type DraftExpectation, type Expectation } from "./expectation.ts";
import type { Fixture } from "./fixtures.ts";

/**
 * The suite that every provider passes: the invariants of `contract.ts`, on its fixtures and on any
 * JSON. A provider's own tests add what only it knows.
 */
export interface ProviderSuiteOptions {
  readonly fixtures: readonly Fixture[];
  /** By fixture name; a fixture without one fails. */
  readonly expectations: Readonly<Record<string, Expectation>>;
  /** Fixtures of the other providers: none of them is this provider's. */
  readonly foreign: readonly Fixture[];
  /** Credentials and key material that the fixtures hold: none may survive in what is stored. */
  readonly secretValues: readonly string[];
}

const receivedAt = Date.UTC(2026, 10, 24, 12);

/** The context that the gateway gives for a body. */
export function contextFor(body: unknown): NormaliseContext {
  const bodyHash = createHash("sha256").update(JSON.stringify(body)).digest("hex");
  return { receivedAt, bodyHash };
}

export function isObject(body: unknown): body is JsonObject {
  return typeof body === "object" && body !== null && !Array.isArray(body);
}

/** Freezes a JSON value all the way down, so that a write to it throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}

/** One place in a JSON value replaced: strange in exactly one respect, familiar in all others. */
function withReplaced(value: unknown, path: readonly number[], replacement: unknown): unknown {
  if (typeof value !== "object" || value === null) return replacement;
  const keys = Object.keys(value);
  const [step, ...rest] = path;
  if (step === undefined || keys.length === 0) return replacement;
  const at = keys[step % keys.length] ?? "";
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? [...(value as unknown[])]
    : { ...value };
  (copy as Record<string, unknown>)[at] = withReplaced(
    (value as Record<string, unknown>)[at],
    rest,
    replacement,
  );
  return copy;
}

export function describeProvider(provider: Provider, options: ProviderSuiteOptions): void {
  const bodies = options.fixtures.filter((fixture) => isObject(fixture.body));
  const normalise = (body: JsonObject): readonly EventDraft[] =>
    provider.normalise(body, contextFor(body));

  describe(`${provider.name}: what each fixture becomes`, () => {
    it("every fixture has an expectation, and every expectation a fixture", () => {
      const names = options.fixtures.map((fixture) => fixture.name).toSorted();
      expect(Object.keys(options.expectations).toSorted()).toEqual(names);
    });

    it.each(options.fixtures.map((fixture) => [fixture.name, fixture] as const))(
      "%s",
      (name, { body }) => {
        const expected = options.expectations[name] ?? [];
        if (expected === "unrecognised") {
          expect(isObject(body) && provider.recognises(body)).toBe(false);
          return;
        }
        expect(isObject(body) && provider.recognises(body)).toBe(true);
        const drafts = normalise(body as JsonObject);
        expect(drafts.map(summaryOf)).toEqual(expected.map(withoutData));
        expected.forEach((expectation, index) => {
          if (expectation.data) expect(drafts[index]?.data).toMatchObject(expectation.data);
        });
      },
    );
  });

  describe(`${provider.name}: the contract`, () => {
    it("gives valid drafts and changes nothing in the body", () => {
      for (const { body } of bodies) {
        const frozen = deepFreeze(structuredClone(body)) as JsonObject;
        const drafts = normalise(frozen);
        drafts.forEach(expectValidDraft);
        expect(normalise(frozen)).toEqual(drafts);
        expect(JSON.stringify(drafts)).not.toMatch(/\[object Object\]|"undefined"|"NaN"/);
      }
    });

    it("invents no phone: it is in the body as one, and is no LID or group", () => {
      const invented = bodies.filter(({ body }) => {
        const said = phonesIn(body);
        const others = otherDigitsIn(body);
        const phones = normalise(body as JsonObject).map((draft) => draft.contact?.phone);
        return phones.some(
          (phone) => phone !== undefined && (!said.has(phone) || others.has(phone)),
        );
      });
      expect(namesOf(invented)).toEqual([]);
    });

    it("gives the documented message for message events only", () => {
      for (const { body } of bodies) {
        const drafts = normalise(body as JsonObject);
        drafts.forEach((draft, index) => {
          expectDocumented(provider, body as JsonObject, index, draft);
        });
      }
    });

    it("recognises no body of another provider", () => {
      const taken = options.foreign.filter(
        ({ body }) => isObject(body) && provider.recognises(body),
      );
      expect(namesOf(taken)).toEqual([]);
    });

    it("names every credential, so that none stays in what is stored", () => {
      const leaking = bodies.filter(({ body }) => {
        const kept = removeMembers(JSON.stringify(body), provider.capabilities.secretMembers);
        return options.secretValues.some((secret) => kept.includes(secret));
      });
      expect(namesOf(leaking)).toEqual([]);
    });

    it("copes with any JSON", () => {
      const anyBody = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 });
      fc.assert(
        fc.property(anyBody, (body) => {
          expectTotal(provider, body as JsonObject);
        }),
      );
    });

    it("copes with familiar bodies that are strange in one place", () => {
      const path = fc.array(fc.nat({ max: 30 }), { maxLength: 6 });
      fc.assert(
        fc.property(
          fc.constantFrom(...bodies),
          path,
          fc.jsonValue(),
          (fixture, at, replacement) => {
            const body = withReplaced(fixture.body, at, replacement);
            if (isObject(body)) expectTotal(provider, body);
          },
        ),
        { numRuns: 2000 },
      );
    });
  });
}

function namesOf(fixtures: readonly Fixture[]): readonly string[] {
  return fixtures.map((fixture) => fixture.name);
}

function withoutData(expectation: DraftExpectation): DraftExpectation {
  const { data, ...summary } = expectation;
  void data;
  return summary;
}

function expectDocumented(
  provider: Provider,
  body: JsonObject,
  index: number,
  draft: EventDraft,
): void {
  const documented = provider.documentedMessage(body, index, draft);
  const isMessage = draft.type === "message.received" || draft.type === "message.sent";
  expect(documented !== undefined).toBe(isMessage);
  if (documented === undefined) return;
  const { key, messageTimestamp, messageType, pushName, broadcast } = documented;
  const id = "messageId" in draft.data ? draft.data.messageId : undefined;
  expect(key).toMatchObject({ fromMe: draft.fromMe ?? false, id });
  expect(typeof key.remoteJid).toBe("string");
  expect(["string", "undefined"]).toContain(typeof key.participant);
  expect(Number.isInteger(messageTimestamp) && messageTimestamp >= 0).toBe(true);
  expect(messageType).toMatch(/./s);
  expect(["string", "undefined"]).toContain(typeof pushName);
  expect(["boolean", "undefined"]).toContain(typeof broadcast);
}

/** No function of a provider throws or invents a phone, whatever the body. */
function expectTotal(provider: Provider, body: JsonObject): void {
  provider.recognises(body);
  provider.identify(body);
  const drafts = provider.normalise(body, contextFor(body));
  drafts.forEach(expectValidDraft);
  drafts.forEach((draft, index) => {
    expectDocumented(provider, body, index, draft);
  });
  const said = phonesIn(body);
  const phones = drafts.map((draft) => draft.contact?.phone).filter((phone) => phone !== undefined);
  expect(phones.filter((phone) => !said.has(phone))).toEqual([]);
}
