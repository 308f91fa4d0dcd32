import { expect, test } from "vitest";
import { ManualClock } from "../testing/manual-clock.ts";
import { Connection } from "./connection.ts";
import type { LinkEvents, SocketFrame } from "./link.ts";

const frame: SocketFrame = { instanceName: "loja", body: () => Buffer.from("{}") };

interface OpenedLink {
  readonly events: LinkEvents;
  names: readonly string[];
  isClosed: boolean;
}

function stage() {
  const clock = new ManualClock();
  const links: OpenedLink[] = [];
  const told: string[] = [];
  const connection = new Connection({
    open(events) {
      const link: OpenedLink = { events, names: [], isClosed: false };
      links.push(link);
      return {
        follow: (names) => (link.names = names),
        covers: (name) => link.names.includes(name),
        close: () => (link.isClosed = true),
      };
    },
    clock,
    random: () => 0.5,
    onLive: (downSince) =>
      told.push(downSince === undefined ? "live" : `live after ${clock.now() - downSince} ms`),
    onFrame: () => told.push("frame"),
    onCovered: () => told.push("covered"),
    onMissed: (name) => told.push(`missed ${name}`),
    onMissing: (name) => told.push(`missing ${name}`),
    onChange: (state) => told.push(state.kind),
  });
  return { clock, links, told, connection };
}

test("a lost connection is made again, with the same names, and says how long it was away", () => {
  const { clock, links, told, connection } = stage();
  connection.follow(["loja"]);
  connection.start();
  links[0]?.events.opened();
  links[0]?.events.frame(frame);
  links[0]?.events.ended({ reason: "closed" });
  clock.forward(500);
  clock.forward(250);
  links[1]?.events.opened();
  expect(told).toEqual([
    "connecting",
    "live",
    "live",
    "frame",
    "waiting",
    "connecting",
    "live",
    "live after 750 ms",
  ]);
  expect(links.map(({ names, isClosed }) => [names, isClosed])).toEqual([
    [["loja"], true],
    [["loja"], false],
  ]);
  expect(connection.covers("loja")).toBe(true);
  expect(connection.covers("filial")).toBe(false);
});

test("an old link is not heard any more", () => {
  const { clock, links, told, connection } = stage();
  connection.start();
  const old = links[0]?.events;
  old?.ended({ reason: "closed" });
  clock.forward(1_000);
  const before = told.length;
  old?.opened();
  old?.frame(frame);
  old?.unreadable();
  old?.covered();
  old?.missed("loja", 1);
  old?.missing("loja");
  old?.ended({ reason: "closed" });
  expect(told).toHaveLength(before);
  expect(connection.counts).toEqual({ frames: 0, unreadable: 0 });
  expect(connection.state.kind).toBe("connecting");
});

test("what is stopped while it waits is not tried again", () => {
  const { clock, links, connection } = stage();
  connection.start();
  links[0]?.events.ended({ reason: "unreachable" });
  connection.stop();
  clock.forward(1_000_000);
  expect(links).toHaveLength(1);
  expect(connection.state.kind).toBe("disconnected");
  expect(clock.timers).toBe(0);
});

test("what is stopped while it is live is closed", () => {
  const { links, connection } = stage();
  connection.start();
  links[0]?.events.opened();
  connection.stop();
  expect(links[0]?.isClosed).toBe(true);
  expect(connection.covers("loja")).toBe(false);
});
