import { SendFailure, type ApiRequest, type ApiResponse } from "@recado/providers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ManualClock } from "../testing/manual-clock.ts";
import { CallLine, type LineLimits } from "./call-line.ts";

const roomy: LineLimits = {
  /** One each millisecond at most. */
  callsPerSecond: 1_000_000,
  inFlight: 8,
  waiting: 1_000,
  maxWaitMs: { person: 30_000, background: 300_000 },
};

interface Sent {
  readonly url: string;
  readonly at: number;
  readonly answer: (status?: number) => void;
  readonly fail: (reason: string) => void;
}

/** A line to a server whose every answer is the test's to give; `tookMs`: it answers by itself. */
function stage(limits: Partial<LineLimits> = {}, tookMs?: number, clock = new ManualClock()) {
  const sent: Sent[] = [];
  let underWay = 0;
  let most = 0;
  const line = new CallLine({
    clock,
    random: () => 0.5,
    limits: { ...roomy, ...limits },
    turnOf: ({ method, url }) => (method === "GET" ? undefined : url),
    send: ({ url }) =>
      new Promise<ApiResponse>((resolve, reject) => {
        underWay += 1;
        most = Math.max(most, underWay);
        const answer = (status = 200): void => {
          underWay -= 1;
          resolve({ status, headers: {}, body: new Uint8Array() });
        };
        const fail = (reason: string): void => {
          underWay -= 1;
          reject(new SendFailure(reason, reason));
        };
        sent.push({ url, at: clock.monotonic(), answer, fail });
        if (tookMs !== undefined) clock.after(tookMs, answer);
      }),
  });
  const person = line.sender("person");
  const background = line.sender("background");
  return {
    clock,
    line,
    sent,
    person,
    background,
    most: () => most,
    settle: () => clock.forward(20),
  };
}

const request = (url: string, method: ApiRequest["method"] = "GET"): ApiRequest => ({
  method,
  url,
  headers: {},
  timeoutMs: 1_000,
  maxBytes: 1_000,
});

/** How a call ended, so that no rejection is ever unhandled. */
const ending = (call: Promise<ApiResponse>): Promise<string> =>
  call.then(
    ({ status }) => String(status),
    (error: unknown) => (error instanceof SendFailure ? error.reason : String(error)),
  );

/** A clock on which time passes between two looks at it, as on a machine that has other things to do. */
class RestlessClock extends ManualClock {
  readonly #stepMs: number;
  #aheadMs = 0;

  constructor(stepMs: number) {
    super();
    this.#stepMs = stepMs;
  }

  override monotonic(): number {
    this.#aheadMs += this.#stepMs;
    return super.monotonic() + this.#aheadMs;
  }
}

describe("how many calls go out", () => {
  test("time that passes while a call is looked at leaves none waiting that may go", async () => {
    for (let step = 1; step <= 40; step += 1) {
      const { clock, sent, person, background } = stage(
        { callsPerSecond: 10 },
        5,
        new RestlessClock(step * 1.3),
      );
      const calls = Array.from({ length: 20 }, (_, index) =>
        ending((index % 3 === 0 ? background : person)(request(String(index)))),
      );
      await clock.forward(3_000);
      expect(sent, `${step}`).toHaveLength(20);
      expect(new Set(await Promise.all(calls))).toEqual(new Set(["200"]));
    }
  });

  test("no second has more beginnings, and no moment more calls under way, than the limits say", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.record({ afterMs: fc.nat(300), isPerson: fc.boolean() }), { maxLength: 80 }),
        fc.nat(700),
        async (callsPerSecond, inFlight, calls, tookMs) => {
          const { clock, sent, person, background, most } = stage(
            { callsPerSecond, inFlight },
            tookMs,
          );
          const endings: Promise<string>[] = [];
          for (const [index, { afterMs, isPerson }] of calls.entries()) {
            await clock.forward(afterMs);
            const send = isPerson ? person : background;
            endings.push(ending(send(request(`/${index}`))));
          }
          await clock.forward(100_000);
          expect(await Promise.all(endings)).toHaveLength(calls.length);
          const times = sent.map(({ at }) => at);
          for (const [index, at] of times.entries()) {
            const later = times[index + callsPerSecond];
            if (later !== undefined) expect(later - at).toBeGreaterThan(1_000);
          }
          expect(most()).toBeLessThanOrEqual(inFlight);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a thousand calls a minute go through at 25 a second and 50 ms each", async () => {
    const { clock, sent, background } = stage({ callsPerSecond: 25 }, 50);
    const all = Array.from({ length: 1_000 }, (_, index) =>
      ending(background(request(`/${index}`))),
    );
    await clock.forward(60_000);
    expect(sent).toHaveLength(1_000);
    expect(new Set(await Promise.all(all))).toEqual(new Set(["200"]));
  });

  test("changes of one thing go one after the other, and hold up nothing else", async () => {
    const { sent, person, settle } = stage();
    const all = [
      person(request("/a", "PUT")),
      person(request("/a", "POST")),
      person(request("/b", "PUT")),
      person(request("/a")),
    ].map(ending);
    await settle();
    expect(sent.map(({ url }) => url)).toEqual(["/a", "/b", "/a"]);
    sent[0]?.answer();
    await settle();
    expect(sent).toHaveLength(4);
    for (const { answer } of sent.slice(1)) answer();
    expect(await Promise.all(all)).toEqual(["200", "200", "200", "200"]);
  });
});

describe("whose call goes first", () => {
  test("a person's call goes before everything that waits in the background", async () => {
    const { sent, person, background, settle } = stage({ inFlight: 3 });
    for (let index = 0; index < 50; index += 1) void ending(background(request(`/b${index}`)));
    void ending(person(request("/p")));
    await settle();
    // One place of the three is the background's; the person has one at once.
    expect(sent.map(({ url }) => url)).toEqual(["/b0", "/p"]);
  });

  test("persons without end do not keep the background from its turn", async () => {
    const { sent, person, background, settle } = stage({ inFlight: 1 });
    for (let index = 0; index < 20; index += 1) void ending(person(request(`/p${index}`)));
    void ending(background(request("/b")));
    for (let index = 0; index < 6; index += 1) {
      await settle();
      sent.at(-1)?.answer();
    }
    expect(sent.map(({ url }) => url)).toContain("/b");
  });
});

describe("what waits is bounded", () => {
  test("in number: one call too many is refused at once, and again when it is repeated", async () => {
    const { sent, person, settle } = stage({ inFlight: 1, waiting: 2 });
    for (const url of ["/1", "/2", "/3"]) void ending(person(request(url)));
    const fourth = request("/4");
    expect(await ending(person(fourth))).toBe("queue_full");
    sent[0]?.answer();
    await settle();
    expect(await ending(person(fourth))).toBe("queue_full");
  });

  test("in time: a call that waited too long is refused while the others go on", async () => {
    const { clock, sent, person } = stage({ inFlight: 1 });
    const first = ending(person(request("/1")));
    const second = ending(person(request("/2")));
    await clock.forward(29_000);
    const third = ending(person(request("/3")));
    await clock.forward(1_000);
    expect(await second).toBe("waited_too_long");
    sent[0]?.answer();
    await clock.forward(0);
    expect(sent.map(({ url }) => url)).toEqual(["/1", "/3"]);
    sent[1]?.answer();
    expect(await Promise.all([first, third])).toEqual(["200", "200"]);
  });

  test("an aborted call leaves the line", async () => {
    const { sent, person, settle } = stage({ inFlight: 1 });
    void ending(person(request("/1")));
    const leaving = new AbortController();
    const second = ending(person({ ...request("/2"), signal: leaving.signal }));
    void ending(person(request("/3")));
    leaving.abort(new Error("gone"));
    expect(await second).toBe("Error: gone");
    sent[0]?.answer();
    await settle();
    expect(sent.map(({ url }) => url)).toEqual(["/1", "/3"]);
  });

  test("closing refuses what waits and lets end what is under way", async () => {
    const { line, sent, person } = stage({ inFlight: 1 });
    const first = ending(person(request("/1")));
    const second = ending(person(request("/2")));
    line.close();
    expect(await second).toBe("closed");
    sent[0]?.answer();
    expect(await first).toBe("200");
  });
});

describe("a server that does not answer", () => {
  async function fallen() {
    const all = stage();
    for (let index = 0; index < 3; index += 1) {
      const call = ending(all.background(request(`/${index}`)));
      await all.settle();
      all.sent.at(-1)?.fail("connection_refused");
      await call;
    }
    return all;
  }

  test("is left alone after three failures, and a call says at once when it is tried again", async () => {
    const { line, sent, background } = await fallen();
    expect(line.standing()).toMatchObject({
      reachable: false,
      failures: 3,
      reason: "connection_refused",
    });
    await expect(background(request("/4"))).rejects.toThrow(
      /does not answer \(connection_refused\); next try in \d+ s/,
    );
    expect(sent).toHaveLength(3);
  });

  test("is tried by one call after the pause, and its answer opens the way again", async () => {
    const { clock, line, sent, background } = await fallen();
    await clock.forward(5_000);
    const probe = ending(background(request("/probe")));
    expect(await ending(background(request("/beside")))).toBe("server_down");
    await clock.forward(0);
    sent.at(-1)?.answer(500);
    expect(await probe).toBe("500");
    expect(line.standing()).toEqual({ reachable: true, failures: 0 });
  });

  test("is left alone longer with each try that fails, but never over a minute", async () => {
    const { clock, line, sent, background } = await fallen();
    const pauses: number[] = [];
    for (let index = 0; index < 7; index += 1) {
      const pauseMs = line.standing().nextTryInMs ?? 0;
      pauses.push(pauseMs);
      await clock.forward(pauseMs);
      const call = ending(background(request(`/again${index}`)));
      await clock.forward(0);
      sent.at(-1)?.fail("timeout");
      expect(await call).toBe("timeout");
    }
    expect(pauses).toEqual(pauses.toSorted((one, other) => one - other));
    expect(pauses[1]).toBeGreaterThan(pauses[0] ?? 0);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000);
  });

  test("is tried earlier for a person, who may just have repaired it", async () => {
    const { clock, sent, person, background } = await fallen();
    await clock.forward(2_000);
    expect(await ending(background(request("/b")))).toBe("server_down");
    const call = ending(person(request("/p")));
    await clock.forward(0);
    sent.at(-1)?.answer();
    expect(await call).toBe("200");
  });

  test("fails everything that waits for it", async () => {
    const { sent, background, settle } = stage({ inFlight: 5 });
    const all = ["/1", "/2", "/3", "/4", "/5", "/6"].map((url) => ending(background(request(url))));
    await settle();
    expect(sent).toHaveLength(3);
    for (const { fail } of sent) fail("connection_reset");
    // One went out in the place of the first that failed, before the server counted as down.
    await settle();
    for (const { fail } of sent.slice(3)) fail("connection_reset");
    expect((await Promise.all(all)).toSorted()).toEqual([
      ...Array.from({ length: 4 }, () => "connection_reset"),
      ...Array.from({ length: 2 }, () => "server_down"),
    ]);
  });

  test.each(["blocked_address", "url_invalid", "request_invalid", "closed"])(
    "%s says nothing about the server",
    async (reason) => {
      const { line, sent, person, settle } = stage();
      for (let index = 0; index < 5; index += 1) {
        const call = ending(person(request(`/${index}`)));
        await settle();
        sent.at(-1)?.fail(reason);
        expect(await call).toBe(reason);
      }
      expect(line.standing().reachable).toBe(true);
    },
  );

  test.each([502, 504])("behind a proxy that answers %i counts as silent", async (status) => {
    const { line, sent, person, settle } = stage();
    for (let index = 0; index < 3; index += 1) {
      const call = ending(person(request(`/${index}`)));
      await settle();
      sent.at(-1)?.answer(status);
      expect(await call).toBe(String(status));
    }
    expect(line.standing()).toMatchObject({ reachable: false, reason: `status_${status}` });
  });
});
