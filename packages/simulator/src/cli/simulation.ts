import { systemClock } from "../clock.ts";
import { type Control, startControl } from "../control/control.ts";
import type { Simulated } from "../control/simulated.ts";
import { simulatedEvolution } from "../control/simulated-evolution.ts";
import { simulatedWaha } from "../control/simulated-waha.ts";
import { startFakeEvolution } from "../evolution/fake-evolution.ts";
import { createRandom, type Random } from "../random.ts";
import type { AttemptRecord } from "../sending/attempt.ts";
import type { Call } from "../serving/call-log.ts";
import { createCast } from "../traffic/cast.ts";
import type { Cast } from "../traffic/happening.ts";
import { startPacedTraffic } from "../traffic/paced-traffic.ts";
import { tellStory } from "../traffic/story.ts";
import { startFakeWaha } from "../waha/fake-waha.ts";
import { wahaMe } from "../waha/waha-traffic.ts";
import type { Line } from "./output.ts";
import type { EvolutionSettings, WahaSettings } from "./settings.ts";

/** A simulated server with its control routes and, at a rate above 0, its traffic. */
export interface Simulation {
  readonly simulated: Simulated;
  readonly control: Control;
  /** Idempotent. */
  close(): Promise<void>;
}

interface Member {
  readonly name: string;
  readonly cast: Cast;
}

interface Server {
  readonly simulated: Simulated;
  readonly close: () => Promise<void>;
}

type Tell = (line: Line) => void;

function attemptLine(url: string, event: string, { number, outcome, next }: AttemptRecord): Line {
  return {
    type: "webhook",
    event,
    to: new URL(url).host,
    attempt: number,
    outcome: outcome.kind === "answered" ? outcome.status : outcome.reason,
    next: next.kind,
    ...(next.kind === "retry" ? { waitMs: Math.round(next.waitMs) } : {}),
  };
}

/** What both servers are told in the same way. */
function commonOptions(settings: EvolutionSettings | WahaSettings, random: Random, tell: Tell) {
  const { port, host, latencyMs, quiet, version } = settings;
  const watching = {
    onAttempt: (url: string, event: string, attempt: AttemptRecord) =>
      tell(attemptLine(url, event, attempt)),
    onCall({ route, status }: Call) {
      if (status !== undefined) tell({ type: "call", route, status });
    },
  };
  return {
    port,
    host,
    latencyMs,
    random,
    ...(version === undefined ? {} : { version }),
    ...(quiet ? {} : watching),
  };
}

async function evolution(
  settings: EvolutionSettings,
  members: readonly Member[],
  random: Random,
  tell: Tell,
): Promise<Server> {
  const { unpaired, webhook, secret, family } = settings;
  const fake = await startFakeEvolution({
    ...commonOptions(settings, random, tell),
    apikey: settings.key,
    family,
    instances: members.map(({ name, cast }) =>
      unpaired
        ? { name, number: cast.me.phone }
        : { name, profileName: cast.me.name, owner: `${cast.me.phone}@s.whatsapp.net` },
    ),
  });
  if (webhook !== undefined) {
    const proof = secret === undefined ? {} : { headers: { jwt_key: secret } };
    for (const { name } of members)
      fake.setWebhook(name, { enabled: true, url: webhook, events: [], ...proof });
  }
  return { simulated: simulatedEvolution(fake), close: () => fake.close() };
}

async function waha(
  settings: WahaSettings,
  members: readonly Member[],
  random: Random,
  tell: Tell,
): Promise<Server> {
  const { unpaired, webhook, secret, engine } = settings;
  const proof = secret === undefined ? {} : { hmac: { key: secret } };
  const config =
    webhook === undefined
      ? {}
      : { config: { webhooks: [{ url: webhook, events: ["*"], ...proof }] } };
  const fake = await startFakeWaha({
    ...commonOptions(settings, random, tell),
    apiKey: settings.key,
    engine,
    sessions: members.map(({ name, cast }) => ({
      name,
      ...config,
      ...(unpaired ? {} : { me: wahaMe(cast) }),
    })),
  });
  const accounts = new Map(members.map(({ name, cast }) => [name, wahaMe(cast)]));
  return { simulated: simulatedWaha(fake, accounts), close: () => fake.close() };
}

function startTraffic(
  simulated: Simulated,
  members: readonly Member[],
  rate: number,
  random: Random,
  tell: Tell,
): () => Promise<void> {
  // Another run of the same seed must not repeat the ids of this one: they would be duplicates.
  const run = String(systemClock.now());
  const connected = (name: string): boolean =>
    simulated.numbers().some((number) => number.name === name && number.connected);
  const performances = members.map(({ name, cast }) => ({
    story: tellStory(cast, random.fork(`story/${name}`), { run }),
    isConnected: () => connected(name),
    perform: async (happening: Parameters<Simulated["perform"]>[2]) => {
      try {
        await simulated.perform(name, cast, happening);
      } catch (error) {
        tell({ type: "trouble", message: (error as Error).message });
      }
    },
  }));
  const onFull = (): void =>
    tell({ type: "trouble", message: "10,000 deliveries are under way: traffic waits for room" });
  const traffic = startPacedTraffic(performances, { perSecond: rate, onFull });
  return () => traffic.stop();
}

/** Starts everything. Rejects when a port is taken, and then nothing is left running. */
export async function startSimulation(
  settings: EvolutionSettings | WahaSettings,
  tell: Tell,
): Promise<Simulation> {
  const random = createRandom(settings.seed);
  const members = settings.names.map((name, index): Member => {
    const cast = createCast(index, `${name} Teste`, random.fork(`cast/${name}`));
    return { name, cast };
  });
  const stream = random.fork("server");
  const server =
    settings.provider === "evolution"
      ? await evolution(settings, members, stream, tell)
      : await waha(settings, members, stream, tell);
  const { simulated } = server;
  let control: Control;
  try {
    const onTrouble = (message: string): void => tell({ type: "trouble", message });
    control = await startControl(simulated, {
      port: settings.controlPort,
      host: settings.host,
      onTrouble,
    });
  } catch (error) {
    await server.close();
    throw error;
  }
  const stopTraffic =
    settings.rate > 0
      ? startTraffic(simulated, members, settings.rate, random, tell)
      : () => Promise.resolve();
  return {
    simulated,
    control,
    async close() {
      await stopTraffic();
      await control.close();
      await server.close();
    },
  };
}
