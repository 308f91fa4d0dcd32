import { expect, it, onTestFinished } from "vitest";
import { busyRhythm } from "./testing/busy-rhythm.ts";
import { createWatchStage, scope } from "./testing/watch-stage.ts";

const minute = 60_000;
const hour = 60 * minute;
const names = Array.from({ length: 30 }, (_, index) => `loja-${index}`);
const [outName, bannedName, droppedName, silentName, frozenName, livelyName] = names as [
  string,
  string,
  string,
  string,
  string,
  string,
];

it("a day with thirty numbers ends with the provider's truth: states, messages, and everything late marked", async () => {
  const stage = await createWatchStage();
  onTestFinished(() => stage.close());
  const evolution = await stage.evolution(names);
  const idOf = new Map<string, string>();
  for (const name of names) idOf.set(name, (await stage.instance(name)).id);
  const id = (name: string): string => idOf.get(name) ?? "";
  for (const name of [silentName, frozenName, livelyName]) {
    await stage.store.records.put(scope, "number_rhythm", id(name), { ...busyRhythm(30) });
  }
  const watch = await stage.watch({ restartFrozen: true });
  const write = (name: string, text: string): Promise<unknown> =>
    evolution.receive(name, { phone: "5511911111111", text });
  const isCompared = async (name: string): Promise<boolean> => {
    const { gapFrom, reconcile } = await watch.health(scope, id(name));
    return gapFrom === undefined && reconcile?.status === "done" && reconcile.complete;
  };
  const heard = async (type: string, name: string): Promise<boolean> =>
    (await stage.events(type)).some(({ instance }) => instance?.name === name);

  // The morning: everybody is there, and what is new is compared once.
  for (const name of names) await write(name, "good morning");
  for (const name of names) await stage.forwardUntil(() => isCompared(name), hour);

  // Three go down, each in its own way.
  await evolution.phone.logout(outName);
  await evolution.phone.ban(bannedName);
  await evolution.phone.drop(droppedName);

  // One loses its webhooks, and gets them back.
  evolution.trouble.lose(6, silentName, "webhook");
  for (const text of ["lost", "lost too"]) await write(silentName, text);
  await stage.forwardUntil(() => heard("instance.silent", silentName), hour);
  for (let index = 0; index < 4; index++) await write(silentName, `again ${index}`);

  // One freezes while another goes on as ever, and is restarted.
  evolution.trouble.freeze(frozenName);
  await write(frozenName, "held");
  let steps = 0;
  await stage.forwardUntil(async () => {
    if (steps++ % 30 === 0) await write(livelyName, "hello");
    if (steps % 30 === 0) await write(silentName, "hello");
    return (await watch.health(scope, id(frozenName))).pastIncidents.length > 0;
  }, 2 * hour);

  // The provider restarts, and two hundred messages are written meanwhile.
  await evolution.trouble.restart({
    missed: "kept",
    whileDown: async () => {
      for (let index = 0; index < 200; index++) {
        stage.clock.forward(10_000);
        await write(names[6 + (index % 20)] ?? "", `missed ${index}`);
      }
    },
  });
  for (const name of names.slice(4)) await stage.forwardUntil(() => isCompared(name), 3 * hour);

  // The evening: the log is what the provider has.
  const events = await stage.events("message.received");
  for (const name of names) {
    const inLog = events
      .filter(({ instance }) => instance?.name === name)
      .map(({ data }) => (data as { messageId: string }).messageId);
    const truth = evolution.messages(name).map(({ key }) => key["id"]);
    expect(inLog, name).toHaveLength(truth.length);
    expect(new Set<unknown>(inLog), name).toEqual(new Set(truth));
  }
  for (const { late, occurredAt, receivedAt } of events) {
    expect(late === true).toBe(Date.parse(receivedAt) - Date.parse(occurredAt) > 10 * minute);
  }
  expect(events.filter(({ late, recovered }) => late && recovered).length).toBeGreaterThan(100);
  for (const [name, state] of Object.entries(evolution.states())) {
    expect([name, watch.stateOf(id(name))]).toEqual([name, state]);
  }
  const reasons = await Promise.all(
    [outName, bannedName].map(async (name) => (await watch.health(scope, id(name))).connection),
  );
  expect(reasons.map((connection) => connection?.lost?.reason)).toEqual(["logged_out", "banned"]);
  const told = await stage.events("instance.logged_out");
  expect(told).toHaveLength(2);
  expect(new Set(told.map(({ instance }) => instance?.name))).toEqual(
    new Set([outName, bannedName]),
  );
  const findings = [
    ...(await stage.events("instance.silent")),
    ...(await stage.events("instance.frozen")),
  ];
  // While the server was down it could say nothing of numbers that are never silent so long.
  const found = findings.map(({ instance, data }) => [
    instance?.name,
    (data as { reason: string }).reason,
  ]);
  expect(found.filter(([, reason]) => reason !== "provider_does_not_answer")).toEqual([
    [silentName, "webhooks_lost"],
    [frozenName, "nothing_flows"],
  ]);
}, 120_000);
