import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Result } from "./run.ts";
import type { Contestant } from "./server-process.ts";
import { show, spread } from "./statistics.ts";

export type Results = ReadonlyMap<Contestant, readonly Result[]>;

const titles: Readonly<Record<Contestant, string>> = {
  recado: "Recado (durable, fsync before 200)",
  "express-memory": "(a) Express 5 + Socket.IO, in memory",
  "express-sqlite": "(b) (a) + one SQLite transaction per event",
};

type Column = readonly [title: string, value: (result: Result) => number, digits: number];

const columns: readonly Column[] = [
  ["events/s", (one) => one.perSecond, 0],
  ["p50 ms", (one) => one.p50, 2],
  ["p99 ms", (one) => one.p99, 2],
  ["CPU µs/event", (one) => one.cpuPerEvent, 0],
  ["server CPU", (one) => one.serverCpu, 2],
  ["RSS MB", (one) => one.rssMb, 0],
  ["generator CPU", (one) => one.cpu, 2],
  ["delivered", (one) => one.ratio, 3],
];

/** A table of medians, with the lowest and highest of the rounds in parentheses. */
export function table(results: Results): string {
  const head = ["server", ...columns.map(([title]) => title)];
  const rows = [...results].map(([name, rounds]) => [
    titles[name],
    ...columns.map(([, value, digits]) => show(spread(rounds.map(value)), digits)),
  ]);
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

export function median(results: Results, name: Contestant, value: (one: Result) => number): number {
  return spread((results.get(name) ?? []).map(value)).median;
}

/** Puts a section into a file of several, in place of the one of that name. */
export function writeSection(path: string, name: string, text: string): void {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const whole = existsSync(path) ? readFileSync(path, "utf8") : "# Bench results\n";
  const section = `${begin}\n\n${text.trim()}\n\n${end}`;
  const at = whole.indexOf(begin);
  const until = whole.indexOf(end);
  const next =
    at < 0 || until < at
      ? `${whole.trimEnd()}\n\n${section}\n`
      : whole.slice(0, at) + section + whole.slice(until + end.length);
  writeFileSync(path, next);
}
