import { type Clock, systemClock } from "../clock.ts";
import { createRandom, type Random } from "../random.ts";
import { answer, nowAndThen } from "../receiver/answer.ts";
import type { ReceivedRequest } from "../receiver/received-request.ts";
import { type Receiver, startReceiver, verifySignature } from "../receiver/receiver.ts";
import type { DeliveryReport } from "../sending/attempt.ts";
import { startTraffic } from "../traffic/traffic.ts";
import { demoNumbers, type Fleet, serverNames, startFleet } from "./fleet.ts";
import { createGatewayApi, type GatewayApi } from "./gateway-api.ts";
import { type Language, type Progress, systemLanguage, type Words, wordsIn } from "./words.ts";

/**
 * The demo: simulated numbers, live traffic, one destination that always answers and one that fails now
 * and then, against a gateway that runs already.
 *
 * Owns: what it started (fake servers, receivers, endpoints). Must not know: the gateway except through
 * its public HTTP API.
 *
 * I1 Stopping ends everything that was started and removes the destinations ("stopping leaves no
 *    destination behind").
 * I2 It can be started again on the same data ("a second demo takes over the numbers of the first").
 * Both are proven by `e2e/demo.test.ts`.
 */
export interface DemoOptions {
  /** Where the gateway answers, for example `http://localhost:3001`. */
  readonly baseUrl: string;
  readonly adminKey: string;
  /** The same seed tells the same stories; message ids differ from run to run. */
  readonly seed: number;
  readonly write: (line: string) => void;
  /** Default: the process's own. */
  readonly language?: Language;
  /** Stops the demo as `stop` does. */
  readonly signal?: AbortSignal;
  /** Conversations that begin per minute on each number. Default 12. */
  readonly perMinute?: number;
  /** Milliseconds between two lines of progress. Default 10,000. */
  readonly progressMs?: number;
  readonly clock?: Clock;
}

export interface Demo {
  readonly progress: Progress;
  /** Idempotent; resolves when everything has ended. */
  stop(): Promise<void>;
}

/** How the demo's endpoints are known to a later demo. */
const endpointMark = "Recado demo";

interface Counts {
  sent: number;
  refused: number;
  received: number;
  failedOnPurpose: number;
  badSignatures: number;
}

/** A receiver whose requests are counted; the secret is known once its endpoint exists. */
async function countedReceiver(
  script: Parameters<Receiver["follow"]>[0],
  counts: Counts,
): Promise<{ readonly receiver: Receiver; readonly learn: (secret: string) => void }> {
  let known: string | undefined;
  const onRequest = (request: ReceivedRequest): void => {
    counts.received += 1;
    const succeeded = request.answer.kind === "answer" && request.answer.status < 300;
    if (!succeeded) counts.failedOnPurpose += 1;
    if (known !== undefined && verifySignature(request, known).kind === "invalid")
      counts.badSignatures += 1;
  };
  const receiver = await startReceiver({ script, keep: 100, onRequest });
  return { receiver, learn: (secret) => (known = secret) };
}

function introduce(
  write: DemoOptions["write"],
  words: Words,
  fleet: Fleet,
  receivers: readonly [string, Receiver][],
): void {
  write(words.server(serverNames.evolution, fleet.evolution.url));
  write(words.server(serverNames.waha, fleet.waha.url));
  for (const { name, unpaired } of demoNumbers) {
    write(unpaired ? words.unpaired(name) : words.number(name));
  }
  for (const [name, receiver] of receivers) write(words.destination(name, receiver.url));
  write(words.running);
}

/** Writes `line()` every `ms` until told to stop. */
function every(clock: Clock, ms: number, line: () => void): () => void {
  let cancel = (): void => {};
  const again = (): void => {
    cancel = clock.after(ms, () => {
      line();
      again();
    });
  };
  again();
  return () => cancel();
}

/** What to end later, in the reverse order of its beginning. */
interface Undo {
  readonly push: (step: () => unknown) => void;
  readonly unwind: () => Promise<void>;
}

function createUndo(onTrouble: (message: string) => void): Undo {
  const steps: (() => unknown)[] = [];
  return {
    push: (step) => void steps.push(step),
    async unwind() {
      for (const step of steps.splice(0).toReversed()) {
        try {
          await step();
        } catch (error) {
          // The gateway may be gone already: the rest must end all the same.
          onTrouble((error as Error).message);
        }
      }
    },
  };
}

/** One destination that always answers and one that fails now and then. */
async function createDestinations(
  api: GatewayApi,
  words: Words,
  random: Random,
  counts: Counts,
  undo: Undo,
): Promise<readonly [string, Receiver][]> {
  const flaky = nowAndThen({ random, failureRate: 0.15, outageRate: 0.005, outageLength: 15 });
  const destinations: [string, Receiver][] = [];
  for (const [name, script] of [
    [words.healthy, () => answer(200)],
    [words.flaky, flaky],
  ] as const) {
    const { receiver, learn } = await countedReceiver(script, counts);
    undo.push(() => receiver.close());
    const { id, secret } = await api.endpoint(
      `${endpointMark}: ${name}`,
      `${receiver.url}/webhook`,
    );
    undo.push(() => api.removeEndpoint(id));
    learn(secret);
    destinations.push([name, receiver]);
  }
  return destinations;
}

async function setUp(
  options: DemoOptions,
  words: Words,
  counts: Counts,
  undo: Undo,
): Promise<void> {
  const {
    baseUrl,
    seed,
    write,
    clock = systemClock,
    perMinute = 12,
    progressMs = 10_000,
  } = options;
  const random = createRandom(seed);
  const api = createGatewayApi(baseUrl, options.adminKey);
  undo.push(() => api.close());
  write(words.begin(baseUrl, seed));
  await api.removeEndpointsLike(endpointMark);
  const destinations = await createDestinations(api, words, random.fork("flaky"), counts, undo);
  const onReport = ({ result }: DeliveryReport): void => {
    counts.sent += 1;
    if (result === "lost") counts.refused += 1;
  };
  const fleet = await startFleet({ random, run: String(clock.now()), perMinute, clock, onReport });
  undo.push(() => fleet.close());
  await fleet.enlist(api);
  introduce(write, words, fleet, destinations);
  const traffic = startTraffic(fleet.performances, clock);
  undo.push(() => traffic.stop());
  undo.push(every(clock, progressMs, () => write(words.progress(counts))));
}

/** Starts the demo. Resolves when traffic flows; rejects when the gateway refuses to be set up. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { signal, write } = options;
  const words = wordsIn(options.language ?? systemLanguage());
  const counts: Counts = { sent: 0, refused: 0, received: 0, failedOnPurpose: 0, badSignatures: 0 };
  const undo = createUndo((message) => write(words.trouble(message)));
  let stopping: Promise<void> | undefined;

  function stop(): Promise<void> {
    stopping ??= undo.unwind().then(() => write(words.stopped));
    return stopping;
  }

  try {
    await setUp(options, words, counts, undo);
  } catch (error) {
    await undo.unwind();
    throw error;
  }
  if (signal?.aborted) await stop();
  else signal?.addEventListener("abort", () => void stop(), { once: true });
  return { progress: counts, stop };
}
