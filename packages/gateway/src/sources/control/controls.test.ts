import { ProviderApiError, WahaApi } from "@recado/providers";
import { startFakeEvolution } from "@recado/simulator";
import { describe, expect, onTestFinished, test } from "vitest";
import { createStage, startOddServer, type ControlStage } from "./testing/stage.ts";

const key = "global-key-of-the-server";

function setUp(options: Parameters<typeof createStage>[0] = {}): ControlStage {
  const stage = createStage(options);
  onTestFinished(() => stage.close());
  return stage;
}

async function odd(...parameters: Parameters<typeof startOddServer>) {
  const server = await startOddServer(...parameters);
  onTestFinished(() => server.close());
  return server;
}

async function errorOf(call: Promise<unknown>): Promise<ProviderApiError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderApiError)) throw new Error(`not such an error: ${String(error)}`);
  return error;
}

/** An address at which nobody listens. */
async function deadUrl(): Promise<string> {
  const server = await startOddServer(() => undefined);
  await server.close();
  return server.url;
}

const span = { since: 0, until: 1, limit: 1 };
const hook = { url: "https://gateway.example/in/t", secret: "secret", isOurs: () => false };

describe("whatever a server answers, a call ends with the client's error, without the key", () => {
  test.each([
    ["a web page", 200, "<html>login</html>"],
    ["nothing", 200, ""],
    ["half of something", 200, '[{"name":"lo'],
    ["another thing", 200, '{"hello":"world"}'],
    ["our own key", 401, `{"message":"key ${key} is wrong"}`],
    ["a crash", 500, `{"request":{"headers":{"apikey":"${key}","x-api-key":"${key}"}}}`],
    ["a redirect", 302, ""],
  ] as const)("%s", async (_what, status, body) => {
    const stage = setUp();
    const server = await odd((_request, response) => {
      response.writeHead(status, { location: "https://elsewhere.example/" }).end(body);
    });
    for (const provider of ["evolution", "waha"] as const) {
      const control = stage.controls.of(stage.server(provider, server.url, key));
      const outcomes = await Promise.allSettled([
        control.list(),
        control.info(),
        control.instance("loja"),
        control.messages("loja", span),
        control.inspectHook("loja", hook),
      ]);
      expect(outcomes[0]?.status).toBe("rejected");
      for (const outcome of outcomes) {
        if (outcome.status === "fulfilled") continue;
        const error = outcome.reason as ProviderApiError;
        expect(error).toBeInstanceOf(ProviderApiError);
        expect(JSON.stringify(error) + String(error.stack)).not.toContain(key);
      }
    }
  });
});

describe("a server that cannot be used fails each call, and making its control fails nothing", () => {
  test("an address without a server", async () => {
    const stage = setUp();
    const server = stage.server("evolution", await deadUrl(), key);
    const control = stage.controls.of(server);
    const first = await errorOf(control.list());
    expect(first).toMatchObject({ code: "unreachable", retryable: true });
    expect(stage.controls.standing(server)).toMatchObject({
      reachable: false,
      reason: "connection_refused",
    });
    const second = await errorOf(stage.controls.of(server, "background").list());
    expect(second).toMatchObject({ code: "unreachable", reason: "server_down" });
    expect(second.retryAfterMs).toBeGreaterThan(0);
    expect(second.message).toMatch(/does not answer \(connection_refused\)/);
  });

  test("an address in a private network that a tenant gave", async () => {
    const stage = setUp();
    const fake = await startFakeEvolution({ instances: [], apikey: key });
    onTestFinished(() => fake.close());
    const { allowPrivate: _opened, ...closed } = stage.server("evolution", fake.url, key);
    const error = await errorOf(stage.controls.of(closed).list());
    expect(error).toMatchObject({ code: "unreachable", reason: "blocked_address" });
    expect(fake.calls.count()).toBe(0);
    expect(stage.controls.standing(closed).reachable).toBe(true);
  });

  test("a key that was stored under another encryption key", async () => {
    const stage = setUp();
    const other = setUp();
    const foreign = other.server("waha", await deadUrl(), key);
    const error = await errorOf(stage.controls.of(foreign).list());
    expect(error).toMatchObject({ code: "unauthorised" });
    expect(error.advice).toContain("again");
    expect(() => stage.controls.clientOptions(foreign)).toThrow(ProviderApiError);
  });

  test("a key that no header can carry", async () => {
    const stage = setUp();
    const control = stage.controls.of(stage.server("evolution", await deadUrl(), "chavé 🔑"));
    expect((await errorOf(control.list())).code).toBe("invalid_request");
  });
});

describe("calls of one server", () => {
  test("share their places, for persons and in the background, before and after its key changed", async () => {
    const stage = setUp({ limits: { inFlight: 2 } });
    let underWay = 0;
    let most = 0;
    const server = await odd((_request, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      setImmediate(() => {
        underWay -= 1;
        response.writeHead(200, { "content-type": "application/json" }).end("[]");
      });
    });
    const before = stage.server("waha", server.url, key);
    const after = { ...stage.server("waha", server.url, "another-key"), id: before.id };
    const controls = [
      stage.controls.of(before),
      stage.controls.of(before, "background"),
      stage.controls.of(after),
    ];
    const client = new WahaApi(stage.controls.clientOptions(before));
    await Promise.all([
      ...controls.flatMap((control) => [control.list(), control.list()]),
      client.sessions(),
      client.sessions(),
    ]);
    expect(most).toBeLessThanOrEqual(2);
  });

  test("that are too many are refused with how things stand, not left to wait for ever", async () => {
    const stage = setUp({ limits: { inFlight: 1, waiting: 1 } });
    const held: (() => void)[] = [];
    const arrived = Promise.withResolvers<void>();
    const server = await odd((_request, response) => {
      held.push(() => void response.writeHead(200).end("[]"));
      arrived.resolve();
    });
    const control = stage.controls.of(stage.server("waha", server.url, key));
    const first = control.list();
    await arrived.promise;
    const second = control.list();
    const third = await errorOf(control.list());
    expect(third).toMatchObject({ code: "rate_limited", reason: "queue_full", retryable: true });
    expect(third.advice).toContain("try again");
    const ended = errorOf(second);
    stage.controls.close();
    expect((await ended).code).toBe("unreachable");
    held[0]?.();
    expect(await first).toEqual([]);
  });

  test("are kept apart from those of another server", async () => {
    const stage = setUp();
    const fake = await startFakeEvolution({ instances: [], apikey: key });
    onTestFinished(() => fake.close());
    const dead = stage.server("evolution", await deadUrl(), key);
    const alive = stage.server("evolution", fake.url, key);
    await errorOf(stage.controls.of(dead).list());
    expect(await stage.controls.of(alive).list()).toEqual([]);
    expect(stage.controls.of(alive)).toBe(stage.controls.of({ ...alive }));
  });
});
