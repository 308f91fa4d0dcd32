import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import { createTurns } from "./http/turns.ts";
import type { WahaWorld } from "./http/waha-world.ts";
import { createMediaFiles } from "./mailbox/media-files.ts";
import { createSession, type FakeSession, type FakeWahaSession } from "./session/fake-session.ts";
import { createLifecycle } from "./session/lifecycle.ts";
import { createKeyRing, type KeyRing, type WahaKey } from "./session/waha-keys.ts";
import { createWahaSockets, type WahaSockets } from "./sockets/waha-sockets.ts";
import { createTelling, type Telling } from "./life/telling.ts";
import type { WahaSenderOptions } from "./waha-sender.ts";
import { wahaEnvironment, type WahaServer } from "./waha-webhook.ts";

/** How a fake WAHA is set up, apart from its place on the network. */
export interface WahaCoreOptions extends WahaSenderOptions {
  readonly sessions: readonly FakeWahaSession[];
  /** The free edition before 2026.6.1: only `default` exists. Default false. */
  readonly singleSession?: boolean;
  /** Time between STARTING and what follows; `never` leaves that to the scenario. Default 0. */
  readonly connectAfterMs?: number | "never";
  /** Whether calls are held as long as the real ones: a PUT 3 s, a QR in the wrong status 10 s. Default false. */
  readonly pauses?: boolean;
  /** Where media are said to be (`WAHA_BASE_URL`). Default: this server. */
  readonly baseUrl?: string;
  /**
   * Whether a new process starts the sessions that ran. Default: not on the single-session edition, which
   * keeps the account and forgets the configuration (its maintainers in issues 741 and 928).
   */
  readonly restartsSessions?: boolean;
  readonly keys?: readonly Partial<WahaKey>[];
  /** Phones (digits) without WhatsApp. */
  readonly notOnWhatsApp?: readonly string[];
}

/** The parts of a fake WAHA, wired. */
export interface WahaCore {
  readonly world: WahaWorld;
  readonly telling: Telling;
  readonly sockets: WahaSockets;
  /** Whether the server reaches WhatsApp. */
  readonly network: { reachable: boolean };
  /** The process ends: nothing planned happens any more. */
  end(): Promise<void>;
  /** A new process with the sessions of before. */
  begin(missed: "sent" | "kept"): void;
}

interface Place {
  readonly clock: Clock;
  readonly random: Random;
  readonly apiKey: () => string;
  readonly url: () => string;
}

/** A process of the server: what ends with it, and how long its calls are held. */
interface Process {
  readonly startedAt: () => number;
  /** A request of a process that ended goes no further. */
  readonly pause: (ms: number) => Promise<void>;
  readonly end: () => void;
  readonly begin: () => void;
}

function createProcess(clock: Clock, pauses: boolean): Process {
  let startedAt = clock.now();
  let ended = 0;
  return {
    startedAt: () => startedAt,
    pause(ms) {
      if (!pauses) return Promise.resolve();
      const before = ended;
      return new Promise((resolve, reject) => {
        clock.after(ms, () => {
          if (before === ended) resolve();
          else reject(new Error("the process ended"));
        });
      });
    },
    end() {
      ended += 1;
    },
    begin() {
      startedAt = clock.now();
    },
  };
}

interface Parts {
  readonly about: WahaServer;
  readonly singleSession: boolean;
  readonly network: { readonly reachable: boolean };
  readonly keys: KeyRing;
  readonly telling: Telling;
  readonly process: Process;
}

function createWorld(options: WahaCoreOptions, place: Place, parts: Parts): WahaWorld {
  const { clock, random } = place;
  const { about, singleSession, network, keys, telling, process } = parts;
  const { version, engine = "NOWEB" } = about;
  const sessions = new Map<string, FakeSession>();
  function create(given: FakeWahaSession): FakeSession {
    const session = createSession(given, clock.now());
    sessions.set(session.name, session);
    return session;
  }
  for (const given of options.sessions) create(given);
  return {
    edition: { version, engine, singleSession },
    environment: wahaEnvironment(about),
    clock,
    random: random.fork("answers"),
    startedAt: process.startedAt,
    sessions,
    lifecycle: createLifecycle({
      clock,
      random: random.fork("codes"),
      connectAfterMs: options.connectAfterMs ?? 0,
      reachable: () => network.reachable,
      announce: (session, status) => void telling.announce(session, status),
      tellState: (session, state) => void telling.emit(session, ["state.change"], state),
    }),
    files: createMediaFiles(clock),
    keys,
    notOnWhatsApp: new Set(options.notOnWhatsApp),
    baseUrl: () => options.baseUrl ?? place.url(),
    create,
    emit: (session, events, payload) => void telling.emit(session, events, payload),
    turns: createTurns(),
    pause: process.pause,
  };
}

export function createWahaCore(options: WahaCoreOptions, place: Place): WahaCore {
  const { clock, random, apiKey } = place;
  const { version = "2026.2.1", workerId = "waha-1", engine = "NOWEB" } = options;
  const { singleSession = false, restartsSessions = !singleSession, pauses = false } = options;
  const about: WahaServer = { version, workerId, engine };
  const keys = createKeyRing(random.fork("keys"), options.keys);
  const network = { reachable: true };
  const process = createProcess(clock, pauses);
  const sockets = createWahaSockets({
    clock,
    singleSession,
    judge: (key) => (key === apiKey() ? "welcome" : keys.find(key) ? "Forbidden" : "Unauthorized"),
  });
  const telling = createTelling({
    ...options,
    clock,
    random,
    about,
    onFrame(session, event, envelope) {
      sockets.send(session, event, envelope);
      options.onFrame?.(session, event, envelope);
    },
  });
  const parts: Parts = { about, singleSession, network, keys, telling, process };
  const world = createWorld(options, place, parts);
  return {
    world,
    telling,
    sockets,
    network,
    async end() {
      process.end();
      for (const session of world.sessions.values()) session.cancel();
      await telling.end();
      world.files.clear();
    },
    begin(missed) {
      process.begin();
      telling.begin(missed);
      for (const session of world.sessions.values()) {
        const ran = session.status !== "STOPPED";
        const fresh = { status: "STOPPED", statuses: [], me: null, qr: null, frozen: false };
        Object.assign(session, fresh);
        if (singleSession) session.config = null;
        if (ran && restartsSessions) world.lifecycle.start(session);
      }
    },
  };
}
