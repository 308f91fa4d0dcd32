import { describe, expect, it } from "vitest";
import { differences, type LoggedMessage, type TrueMessage } from "./truth.ts";

const minute = 60_000;
const logged = (id: string, marks: Partial<LoggedMessage> = {}): LoggedMessage => ({
  id,
  late: false,
  recovered: false,
  ageMs: 0,
  ...marks,
});
const truth: readonly TrueMessage[] = [
  { id: "A", way: "live" },
  { id: "B", way: "live" },
  { id: "C", way: "recovered" },
  { id: "D", way: "recovered" },
  { id: "E", way: "held" },
];
const log: readonly LoggedMessage[] = [
  logged("A"),
  logged("E", { late: true, ageMs: 11 * minute }),
  logged("B"),
  logged("C", { recovered: true, late: true, ageMs: 20 * minute }),
  logged("D", { recovered: true }),
];

/** The log with one message replaced, or taken away. */
const but = (id: string, ...instead: readonly LoggedMessage[]): readonly LoggedMessage[] =>
  log.flatMap((message) => (message.id === id ? instead : [message]));

describe("a log is compared with the truth, and differs when", () => {
  it("nothing: what was fetched may stand behind what came by itself", () => {
    expect(differences(truth, log)).toEqual([]);
  });

  it("a message is missing, there twice, or never was", () => {
    expect(differences(truth, but("B"))).toEqual(["message 2 of 5, B, is missing (live)"]);
    expect(differences(truth, but("B", logged("B"), logged("B")))).toEqual([
      "message 2 of 5, B, is there 2 times",
    ]);
    expect(differences(truth, [...log, logged("X")])).toEqual(["X never was"]);
  });

  it("two of one way change places", () => {
    const changed = [...log.filter(({ id }) => id !== "A"), logged("A")];
    expect(differences(truth, changed)).toEqual(["sent: after the beginning comes B and not A"]);
  });

  it("a message is not marked as what it is", () => {
    expect(differences(truth, but("D", logged("D")))).toHaveLength(1);
    expect(differences(truth, but("B", logged("B", { recovered: true })))).toHaveLength(1);
    expect(differences(truth, but("B", logged("B", { late: true })))).toHaveLength(1);
    expect(differences(truth, but("E", logged("E", { ageMs: 11 * minute })))).toHaveLength(1);
  });
});
