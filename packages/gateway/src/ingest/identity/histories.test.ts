import type { ProviderName, RecadoEvent } from "@recado/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDoor, type Body, type DoorStage } from "./testing/door-stage.ts";
import {
  evolutionBody,
  lidOf,
  ownAddress,
  phoneOf,
  wahaBody,
  type Address,
  type Fact,
  type Saying,
} from "./testing/said.ts";

/**
 * Generated histories of one number: facts that are said again, in another order, under another address of
 * the same person, at the same moment by several senders. The oracle knows nothing of webhooks, hashes or
 * identities: a fact that was said before is no news, unless it was said under the LID alone and under the
 * phone alone while nobody had said that the two belong together.
 */

let door: DoorStage;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const addresses: readonly Address[] = ["lid", "phone", "lidWithPhone", "phoneWithLid"];

const fact = fc.record({
  kind: fc.constantFrom("message", "ack", "edit", "delete", "reaction" as const),
  person: fc.nat(1),
  message: fc.nat(2),
  fromMe: fc.boolean(),
  inGroup: fc.boolean(),
  /** Which ack, edit or reaction of the message. */
  version: fc.nat(2),
});

const saying = fc.record({
  fact: fc.nat(),
  address: fc.constantFrom(...addresses),
  /** Which webhook it comes by, and which attempt of it: changes the bytes and not the fact. */
  way: fc.nat(3),
});

const history = fc.record({
  facts: fc.array(fact, { minLength: 3, maxLength: 8 }),
  /** Each list is sent at the same moment. */
  moments: fc.array(fc.array(saying, { minLength: 1, maxLength: 5 }), {
    minLength: 4,
    maxLength: 12,
  }),
});

/** What a provider's events say about a fact, as its documentation and recordings have it. */
interface Teller {
  readonly provider: ProviderName;
  body(said: Saying): Body;
  /** True when an address of the person is a part of what tells the fact from others. */
  isAddressed(fact: Fact): boolean;
  /** True when the body names the person at all. */
  namesPerson(fact: Fact): boolean;
}

const tellers: readonly Teller[] = [
  {
    provider: "evolution",
    body: evolutionBody,
    // An ack, an edit and a deletion are told by the message's id.
    isAddressed: ({ kind, inGroup, fromMe }) =>
      (kind === "message" || kind === "reaction") && !(inGroup && fromMe),
    namesPerson: ({ kind, inGroup, fromMe }) =>
      kind !== "edit" && (kind === "ack" || !(inGroup && fromMe)),
  },
  {
    provider: "waha",
    body: wahaBody,
    isAddressed: ({ kind, inGroup, fromMe }) => {
      if (kind === "ack" || !inGroup) return true;
      return (kind === "message" || kind === "reaction") && !fromMe;
    },
    namesPerson: ({ kind, inGroup, fromMe }) => kind === "ack" || !(inGroup && fromMe),
  },
];

const factName = ({ kind, person, message, fromMe, inGroup, version }: Fact): string => {
  // A group's message of ours names nobody: whose chat it was written for cannot be seen.
  const place = inGroup ? "group" : "direct";
  const of = kind === "message" && inGroup && fromMe ? "us" : person;
  const versions = kind === "message" || kind === "delete" ? "" : ` ${version}`;
  return `${kind}${versions} of ${message} of ${of} ${fromMe} ${place}`;
};

/** What a log should hold. */
class Oracle {
  readonly #teller: Teller;
  readonly #told = new Map<string, Set<string>>();
  readonly #paired = new Set<number>();

  constructor(teller: Teller) {
    this.#teller = teller;
  }

  isNews({ fact: said, address }: Saying): boolean {
    const both = address === "lidWithPhone" || address === "phoneWithLid";
    if (both && this.#teller.namesPerson(said)) this.#paired.add(said.person);
    const told = this.#told.get(factName(said)) ?? new Set();
    this.#told.set(factName(said), told);
    const form = address === "lid" ? "lid" : "phone";
    const isOne = this.#paired.has(said.person) || !this.#teller.isAddressed(said);
    if (told.has(form) || (told.size > 0 && isOne)) return false;
    told.add(form);
    return true;
  }

  /** The phone that an event about somebody at this address may say, and must say. */
  phoneOf(jid: string): string | undefined {
    // In a group the contact of what we wrote is ourselves.
    if (jid === ownAddress) return ownAddress.split("@")[0];
    const person = people.find((one) => jid === lidOf(one) || jid.startsWith(phoneOf(one)));
    if (person === undefined) throw new Error(`${jid} was never said`);
    return jid.endsWith("@lid") && !this.#paired.has(person) ? undefined : phoneOf(person);
  }
}

const people = [0, 1];
let made = 0;

test.each(tellers)(
  "whatever is said, however often, by whatever address and by how many at once: $provider",
  async (teller) => {
    await fc.assert(
      fc.asyncProperty(history, async ({ facts, moments }) => {
        made += 1;
        const number = await door.number(`${teller.provider}-${made}`, teller.provider);
        const oracle = new Oracle(teller);
        let expected = 0;
        for (const moment of moments) {
          const sayings = moment.flatMap(({ fact: index, ...how }) => {
            const said = facts[index % facts.length];
            return said === undefined ? [] : [{ ...how, fact: said }];
          });
          const answers = await Promise.all(sayings.map((said) => number.send(teller.body(said))));
          const news = sayings.map((said) => oracle.isNews(said));
          expect(answers.map(({ events }) => events)).toEqual(news.map(Number));
          expected += news.filter(Boolean).length;
        }
        const events = await door.events(number.id);
        expect(events).toHaveLength(expected);
        for (const event of events) expectTruePhone(event, oracle);
      }),
      { numRuns: 20 },
    );
  },
  60_000,
);

function expectTruePhone({ type, contact }: RecadoEvent, oracle: Oracle): void {
  expect(type).toMatch(/^message\./);
  if (contact) expect(contact.phone).toBe(oracle.phoneOf(contact.jid));
}
