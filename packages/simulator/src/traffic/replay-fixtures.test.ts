import { createHmac } from "node:crypto";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { compressedClock } from "../clock.ts";
import { answer, inOrder, type Script } from "../receiver/answer.ts";
import { startReceiver } from "../receiver/receiver.ts";
import { loadFixtures } from "./load-fixtures.ts";
import { replayFixtures } from "./replay-fixtures.ts";

const folder = (path: string) =>
  fileURLToPath(new URL(`../../../providers/src/${path}`, import.meta.url));
const folders = [
  "evolution/fixtures/events",
  "evolution/fixtures/zoo",
  "waha/fixtures/events",
  "waha/fixtures/zoo",
].map(folder);

async function receiver(script: Script = () => answer(200)) {
  const target = await startReceiver({ script });
  onTestFinished(() => target.close());
  return target;
}

test.each(folders)(
  "every fixture of %s arrives with its bytes, its headers and its suffix",
  async (path) => {
    const target = await receiver();
    const replayed = await replayFixtures(path, { url: `${target.url}/in/token` });
    const fixtures = loadFixtures(path);
    expect(fixtures.length).toBeGreaterThan(5);
    expect(replayed.map(({ fixture }) => fixture.name)).toEqual(fixtures.map(({ name }) => name));
    fixtures.forEach(({ body, headers, urlSuffix }, index) => {
      const request = target.requests[index];
      expect(request?.url).toBe(`/in/token${urlSuffix}`);
      expect(request?.body).toEqual(Buffer.from(body));
      for (const [name, value] of Object.entries(headers))
        expect(request?.headers[name.toLowerCase()]).toBe(value);
    });
  },
);

test("recorded signatures still hold for the bytes that are sent", async () => {
  const target = await receiver();
  await replayFixtures(folder("waha/fixtures/events"), { url: target.url });
  const signed = target.requests.filter(({ headers }) => "x-webhook-hmac" in headers);
  expect(signed.length).toBeGreaterThan(50);
  for (const { body, headers } of signed) {
    const expected = createHmac("sha512", "recado-fixture-hmac-key").update(body).digest("hex");
    expect(headers["x-webhook-hmac"]).toBe(expected);
  }
});

test("a secret signs anew as the fixture's provider does", async () => {
  const target = await receiver();
  const [evolution] = loadFixtures(folder("evolution/fixtures/events"));
  const [waha] = loadFixtures(folder("waha/fixtures/events"));
  if (!evolution || !waha) throw new Error("no fixtures");
  await replayFixtures([evolution, waha], { url: target.url, secret: "chave" });
  const [first, second] = await target.waitFor(2);
  expect(first?.headers["authorization"]).toMatch(/^Bearer .+\..+\..+$/);
  expect(second?.headers["x-webhook-hmac"]).toBe(
    createHmac("sha512", "chave")
      .update(second?.body ?? "")
      .digest("hex"),
  );
});

test("copies and concurrency send everything and answer in the fixtures' order", async () => {
  const target = await receiver();
  const fixtures = loadFixtures(folder("evolution/fixtures/zoo"));
  const replayed = await replayFixtures(fixtures, { url: target.url, copies: 3, concurrency: 16 });
  expect(target.received).toBe(fixtures.length * 3);
  expect(replayed.map(({ fixture }) => fixture)).toEqual(fixtures);
  expect(replayed.every(({ reports }) => reports.length === 3)).toBe(true);
});

test("a fixture is repeated by its provider's rule", async () => {
  const target = await receiver(inOrder(answer(404), answer(404), answer(200)));
  const [evolution] = loadFixtures(folder("evolution/fixtures/events"));
  const [waha] = loadFixtures(folder("waha/fixtures/events"));
  if (!evolution || !waha) throw new Error("no fixtures");
  const replayed = await replayFixtures([evolution, waha], {
    url: target.url,
    clock: compressedClock(1_000),
  });
  expect(replayed.map(({ reports }) => reports[0]?.result)).toEqual(["lost", "delivered"]);
});

test("an abort ends the replay and what hangs", async () => {
  const target = await receiver(() => ({ kind: "hang" }));
  const stop = new AbortController();
  const replaying = replayFixtures(folder("waha/fixtures/events"), {
    url: target.url,
    concurrency: 4,
    signal: stop.signal,
  });
  await target.waitFor(4);
  stop.abort();
  const replayed = await replaying;
  expect(replayed).toHaveLength(4);
  expect(replayed.every(({ reports }) => reports[0]?.result === "stopped")).toBe(true);
});
