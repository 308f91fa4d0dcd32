import { startFakeEvolution } from "@recado/simulator";
import { afterEach, expect, test } from "vitest";
import { adminKey, startGateway, temporaryFolder } from "./gateway-process.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A server with one number, registered at a gateway, and its webhook in place. */
async function stage() {
  const fake = await startFakeEvolution({
    instances: [{ name: "loja", owner: "5511900000100@s.whatsapp.net", state: "open" }],
    apikey: "GLOBAL-KEY-0001",
  });
  closing.push(() => fake.close());
  const folder = await temporaryFolder();
  closing.push(() => folder.remove());
  const gateway = await startGateway(folder.path);
  closing.push(() => gateway.kill());

  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${gateway.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((turn) => setTimeout(turn, 20));
  }

  const server = { provider: "evolution", baseUrl: fake.url, apiKey: "GLOBAL-KEY-0001" };
  expect((await call("POST", "/servers", server)).status).toBe(201);
  // The gateway calls itself localhost where nobody told it its name.
  const { port } = new URL(gateway.url);
  const isHookOurs = (): boolean => {
    const row = fake.webhookOf("loja");
    return row?.enabled === true && new URL(row.url).port === port;
  };
  await until(isHookOurs);
  return { fake, gateway, call, until, isHookOurs };
}

test("a number can get its events by socket alone, each once, and its webhook back", async () => {
  const { fake, gateway, call, until, isHookOurs } = await stage();
  const texts = async (): Promise<readonly string[]> => {
    const { body } = await call("GET", "/events?type=message.received");
    return (body["data"] as { data: { content: { text: string } } }[]).map(
      ({ data }) => data.content.text,
    );
  };
  const socket = async (): Promise<Record<string, unknown> | undefined> =>
    (await call("GET", "/instances/loja/health")).body["socket"] as
      | Record<string, unknown>
      | undefined;
  const say = (text: string) => fake.receive("loja", { phone: "5511900000201", text });

  await say("by webhook");
  await until(async () => (await texts()).length === 1);
  expect(await socket()).toBeUndefined();

  expect((await call("PATCH", "/instances/loja", { source: "both" })).body).toMatchObject({
    source: "both",
  });
  await until(async () => (await socket())?.["state"] === "live");
  await say("both ways");
  await until(async () => (await texts()).length === 2);
  await fake.idle();
  expect(isHookOurs()).toBe(true);

  await call("PATCH", "/instances/loja", { source: "socket" });
  await until(() => !isHookOurs());
  await say("by socket");
  await until(async () => (await texts()).length === 3);

  await call("PATCH", "/instances/loja", { source: "webhook" });
  await until(isHookOurs);
  await until(async () => (await socket()) === undefined);
  await say("by webhook again");
  await until(async () => (await texts()).length === 4);
  expect((await texts()).toSorted()).toEqual([
    "both ways",
    "by socket",
    "by webhook",
    "by webhook again",
  ]);
  expect(gateway.stdout() + gateway.stderr()).not.toContain("GLOBAL-KEY");
}, 60_000);
