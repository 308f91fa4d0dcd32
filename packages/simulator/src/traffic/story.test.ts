import fc from "fast-check";
import { expect, test } from "vitest";
import { createRandom } from "../random.ts";
import { createCast } from "./cast.ts";
import type { TimedHappening } from "./happening.ts";
import { type StoryOptions, tellStory } from "./story.ts";

function tell(seed: number, count: number, options: StoryOptions = {}): TimedHappening[] {
  const random = createRandom(seed);
  const story = tellStory(createCast(0, "Loja Centro Teste", random.fork("cast")), random, options);
  return Array.from({ length: count }, () => story.next().value);
}

const idOf = ({ happening }: TimedHappening): string | undefined =>
  happening.kind === "message" ? happening.ref.id : "id" in happening ? happening.id : undefined;

test("a seed tells the same story, another seed another", () => {
  expect(tell(42, 400)).toEqual(tell(42, 400));
  expect(tell(42, 400)).not.toEqual(tell(43, 400));
});

test("another run of a seed is the same story under other ids", () => {
  const [first, second] = ["a", "b"].map((run) => tell(42, 200, { run }));
  const kinds = (story: TimedHappening[] = []) =>
    story.map(({ at, happening }) => [at, happening.kind]);
  expect(kinds(first)).toEqual(kinds(second));
  const ids = new Set(first?.map(idOf).filter((id) => id !== undefined));
  expect(second?.map(idOf).some((id) => id !== undefined && ids.has(id))).toBe(false);
});

test("time never goes backwards and no id comes twice", () => {
  fc.assert(
    fc.property(fc.integer(), fc.boolean(), (seed, unpaired) => {
      const story = tell(seed, 300, { unpaired });
      story.forEach(({ at }, index) =>
        expect(at).toBeGreaterThanOrEqual(story[index - 1]?.at ?? 0),
      );
      const ids = story.map(idOf).filter((id) => id !== undefined);
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 30 },
  );
});

test("acks, reactions and edits follow their message, and acks rise", () => {
  const levels = new Map<string, number>();
  for (const { happening } of tell(7, 2_000)) {
    if (happening.kind === "message") levels.set(happening.ref.id, 0);
    if (happening.kind === "ack") {
      expect(happening.level).toBeGreaterThan(levels.get(happening.ref.id) ?? 3);
      expect(happening.ref.fromMe).toBe(true);
      levels.set(happening.ref.id, happening.level);
    }
    if (happening.kind === "reaction" || happening.kind === "edit")
      expect(levels.has(happening.target.id)).toBe(true);
  }
});

test("every kind of happening, both chats, all addressings and bursts occur", () => {
  const story = tell(1, 3_000, { unpaired: true });
  expect(new Set(story.map(({ happening }) => happening.kind))).toEqual(
    new Set(["message", "ack", "reaction", "edit", "typing", "connection", "qr"]),
  );
  const messages = story.flatMap(({ at, happening }) =>
    happening.kind === "message" ? [{ at, ...happening }] : [],
  );
  expect(new Set(messages.map(({ content }) => content.kind))).toEqual(new Set(["text", "image"]));
  expect(new Set(messages.map(({ ref }) => ref.group !== undefined))).toEqual(
    new Set([true, false]),
  );
  expect(new Set(messages.map(({ ref }) => ref.person.addressing))).toEqual(
    new Set(["phone", "lid", "lid_only"]),
  );
  expect(new Set(messages.map(({ via }) => via))).toEqual(new Set(["app", "api"]));
  expect(messages.some(({ at }, index) => (messages[index + 7]?.at ?? Infinity) - at <= 500)).toBe(
    true,
  );
});

test("an unpaired number shows codes, connects, and only then talks", () => {
  const kinds = tell(3, 20, { unpaired: true }).map(({ happening }) => happening.kind);
  expect(kinds.slice(0, 4)).toEqual(["qr", "qr", "connection", "connection"]);
  expect(kinds.slice(4)).not.toContain("qr");
});
