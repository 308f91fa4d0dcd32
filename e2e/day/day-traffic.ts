import { createRandom, type Random } from "@recado/simulator";
import type { DayStage } from "./day-stage.ts";
import type { Way } from "./truth.ts";

const minute = 60_000;

/** People who write; numbers of nobody. */
const people = Array.from({ length: 12 }, (_, index) => ({
  phone: `55119000002${String(index).padStart(2, "0")}`,
  name: `Pessoa Teste ${index}`,
}));
const group = "120363000000000201@g.us";

/** Who writes to which number, and how each message has to come into the log. */
export class DayTraffic {
  readonly #stage: DayStage;
  readonly #random: Random;
  readonly #ways = new Map<string, Way>();
  readonly #waha: ReadonlySet<string>;
  #count = 0;

  constructor(stage: DayStage, seed: string) {
    this.#stage = stage;
    this.#random = createRandom(`${seed}/traffic`);
    this.#waha = new Set(Object.keys(stage.waha.states()));
  }

  /** Undefined: of no message of this traffic. */
  wayOf(id: string): Way | undefined {
    return this.#ways.get(id);
  }

  /** Somebody writes to a number. Does not wait for what becomes of it. */
  write(number: string, way: Way): void {
    const id = `3A${String(++this.#count).padStart(6, "0")}${this.#random.text("0123456789ABCDEF", 12)}`;
    this.#ways.set(id, way);
    const person = this.#random.pick(people);
    const inGroup = this.#random.chance(0.2) ? { group } : {};
    const message = { ...person, id, text: `mensagem ${this.#count}`, ...inGroup };
    const { evolution, waha } = this.#stage;
    void (this.#waha.has(number) ? waha : evolution).receive(number, message);
  }

  /** A minute passes: the lively numbers get a message, the others now and then. */
  async minutes(
    count: number,
    numbers: { readonly lively: readonly string[]; readonly others: readonly string[] },
    wayOf: (number: string) => Way,
    stepMs?: number,
  ): Promise<void> {
    for (let passed = 0; passed < count; passed++) {
      for (const number of numbers.lively) this.write(number, wayOf(number));
      for (const number of numbers.others)
        if (this.#random.chance(0.15)) this.write(number, wayOf(number));
      await this.#stage.forward(minute, stepMs);
    }
  }
}
