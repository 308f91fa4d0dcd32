import type { Clock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import type { WahaEdition } from "../edition.ts";
import type { MediaFiles } from "../mailbox/media-files.ts";
import type { FakeSession, FakeWahaSession } from "../session/fake-session.ts";
import type { Lifecycle } from "../session/lifecycle.ts";
import type { KeyRing } from "../session/waha-keys.ts";
import type { WahaEnvironment } from "../waha-webhook.ts";
import type { Turns } from "./turns.ts";
import { notStarted, onlyDefault, sessionNotFound, wrongStatus } from "./refusals.ts";

/** What the routes act on. */
export interface WahaWorld {
  readonly edition: WahaEdition;
  readonly environment: WahaEnvironment;
  readonly clock: Clock;
  readonly random: Random;
  /** Unix milliseconds. */
  readonly startedAt: () => number;
  readonly sessions: Map<string, FakeSession>;
  readonly lifecycle: Lifecycle;
  readonly files: MediaFiles;
  readonly keys: KeyRing;
  /** Phones (digits) without WhatsApp; everybody else has it. */
  readonly notOnWhatsApp: ReadonlySet<string>;
  /** Where media are said to be. */
  readonly baseUrl: () => string;
  readonly create: (given: FakeWahaSession) => FakeSession;
  readonly emit: (session: FakeSession, events: readonly string[], payload: unknown) => void;
  readonly turns: Turns;
  /** Holds a request for as long as the real one does, when the simulator was told to. */
  readonly pause: (ms: number) => Promise<void>;
}

/** Refuses names that the single-session edition does not have. */
export function checkName({ edition }: WahaWorld, name: string): void {
  if (edition.singleSession && name !== "default") throw onlyDefault(name);
}

/** The session, running or not. */
export function findSession(world: WahaWorld, name: string): FakeSession {
  checkName(world, name);
  const session = world.sessions.get(name);
  if (!session) throw sessionNotFound();
  return session;
}

/** The session when it runs. */
export function findStarted(world: WahaWorld, name: string): FakeSession {
  checkName(world, name);
  const session = world.sessions.get(name);
  if (!session || session.status === "STOPPED") throw notStarted(name);
  return session;
}

const stepMs = 500;
const holdMs = 10_000;
const stoppedHoldMs = 5_000;

/**
 * The session once it has one of the statuses. Otherwise the request is held, ten seconds while the session
 * runs and five when it does not, and then refused (recorded).
 */
export async function findInStatus(
  world: WahaWorld,
  name: string,
  expected: readonly string[],
): Promise<FakeSession> {
  checkName(world, name);
  const began = world.sessions.get(name);
  const limitMs = !began || began.status === "STOPPED" ? stoppedHoldMs : holdMs;
  for (let waitedMs = 0; ; waitedMs += stepMs) {
    const session = world.sessions.get(name);
    if (session && expected.includes(session.status)) return session;
    if (waitedMs >= limitMs) throw wrongStatus(name, session?.status, expected);
    await world.pause(stepMs);
  }
}
