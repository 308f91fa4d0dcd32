import { createGateway, createLogger, loadSecrets, readConfig } from "@recado/gateway";
import {
  createRandom,
  startFakeEvolution,
  startFakeWaha,
  type FakeEvolution,
  type FakeWaha,
} from "@recado/simulator";
import { adminKey, temporaryFolder } from "../gateway-process.ts";
import { DayClock } from "./day-clock.ts";
import { Quiet } from "./quiet.ts";

export const providerKey = "the-providers-key";

/** A gateway and two provider servers in one process, whose time is moved by the test. */
export interface DayStage {
  readonly clock: DayClock;
  readonly evolution: FakeEvolution;
  readonly waha: FakeWaha;
  readonly url: string;
  /** Everything that the gateway logged. */
  readonly logged: () => string;
  /** Calls the API as the operator; throws on anything but 2xx. */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  settled(): Promise<void>;
  /** Moves the time on, in steps of `stepMs` at most, each when everything is quiet. */
  forward(ms: number, stepMs?: number): Promise<void>;
  /** Moves the time on until the condition holds. Throws, with what was waited for, after `withinMs`. */
  until(what: string, condition: () => Promise<boolean>, withinMs: number): Promise<void>;
  /** The gateway stops, and is started again at the same address and on the same data. */
  restartGateway(whileDown: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export interface DayNumbers {
  readonly evolution: readonly string[];
  readonly waha: readonly string[];
}

function fakes(clock: DayClock, seed: string, numbers: DayNumbers) {
  const phone = (index: number): string => `5511900000${String(100 + index)}`;
  return Promise.all([
    startFakeEvolution({
      apikey: providerKey,
      clock,
      random: createRandom(`${seed}/evolution`),
      instances: numbers.evolution.map((name, index) => ({
        name,
        owner: `${phone(index)}@s.whatsapp.net`,
        profileName: name,
        state: "open" as const,
      })),
    }),
    startFakeWaha({
      apiKey: providerKey,
      clock,
      random: createRandom(`${seed}/waha`),
      sessions: numbers.waha.map((name, index) => ({
        name,
        me: { id: `${phone(100 + index)}@c.us`, pushName: name },
        // Without its engine's store a WAHA has no messages to compare with.
        config: { noweb: { store: { enabled: true, fullSync: false } } },
      })),
    }),
  ]);
}

interface RunningGateway {
  readonly url: string;
  /** Stops it; calls that wait do so by the clock, which moves on meanwhile. */
  stop(): Promise<void>;
}

async function startGateway(
  clock: DayClock,
  folder: string,
  port: string,
  write: (line: string) => void,
): Promise<RunningGateway> {
  const config = readConfig({
    PORT: port,
    DATA_DIR: folder,
    ADMIN_KEY: adminKey,
    RESTART_FROZEN: "on",
    WEBHOOK_CHECK_MINUTES: "5",
  });
  const logger = createLogger("debug", { write });
  const gateway = await createGateway({
    config,
    secrets: await loadSecrets(config),
    logger,
    clock,
  });
  return {
    url: await gateway.listen(),
    async stop() {
      let isClosed = false;
      const closing = gateway.close().finally(() => (isClosed = true));
      while (!isClosed) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.step(100);
      }
      await closing;
    },
  };
}

export async function createDayStage(
  startsAt: number,
  seed: string,
  numbers: DayNumbers,
): Promise<DayStage> {
  const clock = new DayClock(startsAt);
  const quiet = new Quiet();
  quiet.begin();
  const folder = await temporaryFolder();
  const [evolution, waha] = await fakes(clock, seed, numbers);
  let logged = "";
  const start = (port: string): Promise<RunningGateway> =>
    startGateway(clock, folder.path, port, (line) => (logged += line));
  let gateway = await start("0");
  const { url } = gateway;

  const stage: DayStage = {
    clock,
    evolution,
    waha,
    url,
    logged: () => logged,
    async api<T>(method: string, path: string, body?: unknown) {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          apikey: adminKey,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return JSON.parse(text) as T;
    },
    settled: () => quiet.settled(),
    async forward(ms, stepMs = 5_000) {
      const end = clock.now() + ms;
      await quiet.settled();
      while (clock.now() < end) {
        clock.step(Math.min(stepMs, end - clock.now()));
        await quiet.settled();
      }
    },
    async until(what, condition, withinMs) {
      const end = clock.now() + withinMs;
      while (!(await condition())) {
        if (clock.now() >= end) throw new Error(`in ${withinMs / 60_000} min not: ${what}`);
        await stage.forward(5_000);
      }
    },
    async restartGateway(whileDown) {
      await gateway.stop();
      await whileDown();
      gateway = await start(new URL(url).port);
    },
    async close() {
      await gateway.stop();
      await Promise.all([evolution.close(), waha.close()]);
      quiet.end();
      await folder.remove();
    },
  };
  return stage;
}
