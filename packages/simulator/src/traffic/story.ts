import type { Random } from "../random.ts";
import { answers, captions, emojis, groupTalk, questions } from "./cast.ts";
import type { Cast, Content, Happening, MessageRef, Person, TimedHappening } from "./happening.ts";

/**
 * The life of one number, without end: people write, answers go out and are delivered and read, somebody
 * reacts or corrects himself, now and then many write at once, the connection drops and comes back.
 *
 * Owns: what happens when. Must not know: providers, clocks, the network.
 *
 * I1 The same cast, random stream and options give the same story ("a seed tells the same story").
 * I2 Time never goes backwards, and what refers to a message comes after it ("acks, reactions and edits
 *    follow their message").
 */
export interface StoryOptions {
  /** How many conversations begin per minute. Default 20. */
  readonly perMinute?: number;
  /** Begins with a QR code that is scanned after a while; nothing else happens before. Default false. */
  readonly unpaired?: boolean;
  /** Mixed into message ids, so that two runs of one seed do not repeat each other's ids. */
  readonly run?: string;
}

const hex = "0123456789ABCDEF";

/** What is still to happen, earliest first; equal times in the order they were planned. */
interface Agenda {
  plan(at: number, happening: Happening): void;
  /** When the next planned thing is due; infinite when nothing is. */
  due(): number;
  take(): TimedHappening | undefined;
}

function createAgenda(): Agenda {
  const planned: TimedHappening[] = [];
  return {
    plan(at, happening) {
      const index = planned.findLastIndex((entry) => entry.at <= at) + 1;
      planned.splice(index, 0, { at, happening });
    },
    due: () => planned[0]?.at ?? Number.POSITIVE_INFINITY,
    take: () => planned.shift(),
  };
}

/** Plans conversations into the agenda. */
class Plot {
  readonly #cast: Cast;
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #ids: Random;

  constructor(cast: Cast, agenda: Agenda, random: Random, run: string) {
    this.#cast = cast;
    this.#agenda = agenda;
    this.#random = random;
    this.#ids = random.fork(`ids/${run}`);
  }

  /** Phones make 32 digits, the API `3EB0` and 18. */
  #id(prefix: "AC" | "3EB0"): string {
    return prefix + this.#ids.text(hex, prefix === "AC" ? 30 : 18);
  }

  #message(at: number, ref: MessageRef, content: Content, via: "app" | "api"): void {
    this.#agenda.plan(at, { kind: "message", ref, via, content });
  }

  /** Somebody writes, perhaps gets an answer. */
  conversation(at: number): void {
    const person = this.#random.pick(this.#cast.people);
    const ref: MessageRef = { id: this.#id("AC"), fromMe: false, person };
    const writtenAt = at + this.#random.integer(600, 2_500);
    this.#agenda.plan(at, { kind: "typing", person });
    const content = this.#content();
    this.#message(writtenAt, ref, content, "app");
    if (content.kind === "text" && this.#random.chance(0.08))
      this.#edit(writtenAt + this.#random.integer(4_000, 12_000), ref);
    if (this.#random.chance(0.6))
      this.#answer(writtenAt + this.#random.integer(1_500, 9_000), person);
  }

  #content(): Content {
    if (this.#random.chance(0.15)) {
      const caption = this.#random.pick(captions);
      return this.#random.chance(0.7) ? { kind: "image", caption } : { kind: "image" };
    }
    return { kind: "text", text: this.#random.pick(questions) };
  }

  #edit(at: number, target: MessageRef): void {
    const text = `${this.#random.pick(questions)} (corrigido)`;
    this.#agenda.plan(at, { kind: "edit", id: this.#id("AC"), target, text });
  }

  /** We write, mostly over the API; the ticks follow. */
  #answer(at: number, person: Person): void {
    const via = this.#random.chance(0.8) ? "api" : "app";
    const ref: MessageRef = { id: this.#id(via === "api" ? "3EB0" : "AC"), fromMe: true, person };
    this.#message(at, ref, { kind: "text", text: this.#random.pick(answers) }, via);
    const deliveredAt = at + this.#random.integer(700, 3_000);
    if (via === "api")
      this.#agenda.plan(at + this.#random.integer(100, 500), { kind: "ack", ref, level: 1 });
    this.#agenda.plan(deliveredAt, { kind: "ack", ref, level: 2 });
    if (this.#random.chance(0.75)) {
      this.#agenda.plan(deliveredAt + this.#random.integer(1_000, 20_000), {
        kind: "ack",
        ref,
        level: 3,
      });
    }
    if (this.#random.chance(0.15)) {
      const reactedAt = deliveredAt + this.#random.integer(2_000, 15_000);
      const emoji = this.#random.pick(emojis);
      this.#agenda.plan(reactedAt, {
        kind: "reaction",
        id: this.#id("AC"),
        person,
        target: ref,
        emoji,
      });
    }
  }

  groupMessage(at: number): void {
    const group = this.#random.pick(this.#cast.groups);
    const ref: MessageRef = {
      id: this.#id("AC"),
      fromMe: false,
      person: this.#random.pick(group.members),
      group,
    };
    this.#message(at, ref, { kind: "text", text: this.#random.pick(groupTalk) }, "app");
  }

  /** Many write within half a second, as after an outage of the phone. */
  burst(at: number): void {
    const count = this.#random.integer(8, 20);
    for (let index = 0; index < count; index += 1) {
      const ref: MessageRef = {
        id: this.#id("AC"),
        fromMe: false,
        person: this.#random.pick(this.#cast.people),
      };
      const text = this.#random.pick(questions);
      this.#message(at + this.#random.integer(0, 500), ref, { kind: "text", text }, "app");
    }
  }

  /** The connection drops and comes back by itself. */
  flap(at: number): void {
    this.#agenda.plan(at, { kind: "connection", state: "connecting" });
    this.#agenda.plan(at + this.#random.integer(1_500, 6_000), {
      kind: "connection",
      state: "open",
    });
  }

  /** Two codes, then the scan. Returns when the number is connected. */
  pairing(at: number): number {
    for (const showAt of [at + 500, at + 8_000]) {
      this.#agenda.plan(showAt, {
        kind: "qr",
        code: `2@${this.#ids.text(`${hex}abcdefghijkl`, 40)}`,
      });
    }
    this.#agenda.plan(at + 14_000, { kind: "connection", state: "connecting" });
    this.#agenda.plan(at + 16_000, { kind: "connection", state: "open" });
    return at + 17_000;
  }
}

/** Tells the story; it never ends. */
export function* tellStory(
  cast: Cast,
  random: Random,
  options: StoryOptions = {},
): Generator<TimedHappening, never> {
  const { perMinute = 20, unpaired = false, run = "" } = options;
  const agenda = createAgenda();
  const plot = new Plot(cast, agenda, random.fork("plot"), run);
  const pace = random.fork("pace");
  const between = (low: number, high: number) => pace.integer(low, high);
  const begin = unpaired ? plot.pairing(0) : 0;
  const next = {
    talk: begin,
    burst: begin + between(15_000, 60_000),
    flap: begin + between(30_000, 120_000),
  };
  for (;;) {
    // Everything that begins before the earliest planned thing is planned first.
    while (Math.min(next.talk, next.burst, next.flap) <= agenda.due()) {
      if (next.talk <= Math.min(next.burst, next.flap)) {
        if (pace.chance(0.2)) plot.groupMessage(next.talk);
        else plot.conversation(next.talk);
        next.talk += Math.ceil((-Math.log(1 - pace.next()) * 60_000) / perMinute);
      } else if (next.burst <= next.flap) {
        plot.burst(next.burst);
        next.burst += between(60_000, 180_000);
      } else {
        plot.flap(next.flap);
        next.flap += between(90_000, 300_000);
      }
    }
    const happening = agenda.take();
    if (happening) yield happening;
  }
}
