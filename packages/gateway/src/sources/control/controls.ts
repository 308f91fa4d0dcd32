import type { ProviderName } from "@recado/protocol";
import { EvolutionApi, WahaApi, type ApiOptions, type ApiRequest } from "@recado/providers";
import type { Clock } from "../../base/clock.ts";
import type { SecretBox } from "../../base/secret-box.ts";
import type { Outbound } from "../../outbound/index.ts";
import type { ProviderServer } from "../../store/contract/index.ts";
import { callProblem, explained } from "./call-problems.ts";
import { createEvolutionControl } from "./evolution/evolution-control.ts";
import { LatestUsed } from "./latest-used.ts";
import { CallLine, type LineLimits } from "./pacing/call-line.ts";
import type { CallPriority, ServerStanding } from "./pacing/standing.ts";
import { sendThroughOutbound } from "./send-through-outbound.ts";
import type { ServerControl } from "./server-control.ts";
import { createWahaControl } from "./waha/waha-control.ts";

/**
 * The controls of every server, one per server and priority, made at the first use and again when the server
 * changed.
 *
 * Owns: the clients, what their calls may do to a server, and where the key is opened. Must not know:
 * tenants, instances of ours, what is done with the answers.
 *
 * I1 Calls of one server share one line, whatever changed about its key. (`controls.test.ts`)
 * I2 A call settles with a result or a `ProviderApiError`; neither holds the key. (`controls.test.ts`)
 * I3 A client of somebody else's making goes through the same line. (`controls.test.ts`)
 */
export interface ServerControls {
  /** Never throws: a key or an address that cannot be used fails each call. Default priority: `person`. */
  of(server: ProviderServer, priority?: CallPriority): ServerControl;
  /**
   * What a client for this server is made with, where a control has not the words: its calls stand in the
   * server's line like all others. Has the key in it. Throws a `ProviderApiError` when the stored key cannot
   * be read. Default priority: `person`.
   */
  clientOptions(server: ProviderServer, priority?: CallPriority): ApiOptions;
  /** Whether its calls were answered lately. */
  standing(server: ProviderServer): ServerStanding;
  /** Calls that wait are refused; what is under way ends by itself. Idempotent. */
  close(): void;
}

export interface ServerControlsOptions {
  readonly outbound: Pick<Outbound, "request">;
  readonly secretBox: Pick<SecretBox, "open">;
  readonly clock: Clock;
  /** At least 0, below 1: spreads repeats and tries. Default: the system's. */
  readonly random?: () => number;
  /** What differs from {@link defaultLimits}. */
  readonly limits?: Partial<LineLimits>;
}

/**
 * 200 numbers need up to 1,000 calls to be adopted, which shall take less than a minute. A waiting call is an
 * object of a few hundred bytes.
 */
export const defaultLimits: LineLimits = {
  callsPerSecond: 25,
  inFlight: 8,
  waiting: 2_000,
  maxWaitMs: { person: 30_000, background: 300_000 },
};

/** Servers whose clients and lines are kept; others are made again when they are needed. */
const mostServers = 1_000;

/** Builds nothing and calls nobody until a control is used. */
export function createServerControls(options: ServerControlsOptions): ServerControls {
  const { outbound, secretBox, clock, random = Math.random } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const lines = new LatestUsed<CallLine>(mostServers);
  const controls = new LatestUsed<ServerControl>(2 * mostServers);

  function lineOf({ id, provider, baseUrl, allowPrivate = false }: ProviderServer): CallLine {
    const key = JSON.stringify([id, baseUrl, allowPrivate]);
    return lines.get(key, () => {
      const send = sendThroughOutbound(outbound, allowPrivate);
      return new CallLine({ send, clock, random, limits, turnOf: turns[provider] });
    });
  }

  function optionsOf(server: ProviderServer, priority: CallPriority): ApiOptions {
    const line = lineOf(server);
    return {
      baseUrl: server.baseUrl,
      apiKey: openKey(secretBox, server),
      send: line.sender(priority),
      timing: { now: () => clock.now(), wait: (ms, signal) => line.pause(ms, signal), random },
    };
  }

  function build(server: ProviderServer, priority: CallPriority): ServerControl {
    const { provider } = server;
    const line = lineOf(server);
    const runner = <Api>(make: (api: ApiOptions) => Api) => {
      let made: Api | undefined;
      return async <T>(call: (api: Api) => Promise<T>): Promise<T> => {
        try {
          made ??= make(optionsOf(server, priority));
          return await call(made);
        } catch (error) {
          throw explained(error, provider, line.standing());
        }
      };
    };
    return provider === "evolution"
      ? createEvolutionControl(runner((api) => new EvolutionApi(api)))
      : createWahaControl(runner((api) => new WahaApi(api)));
  }

  return {
    of(server, priority = "person") {
      const { id, provider, baseUrl, apiKey, allowPrivate } = server;
      const key = JSON.stringify([id, provider, baseUrl, apiKey, allowPrivate ?? false, priority]);
      return controls.get(key, () => build(server, priority));
    },
    clientOptions: (server, priority = "person") => optionsOf(server, priority),
    standing: (server) => lineOf(server).standing(),
    close() {
      for (const line of lines.values()) line.close();
    },
  };
}

/** Sealed with another key of ours, it is as good as none. */
function openKey(secretBox: Pick<SecretBox, "open">, { provider, apiKey }: ProviderServer): string {
  try {
    return secretBox.open(apiKey);
  } catch {
    throw callProblem(provider, {
      code: "unauthorised",
      call: "GET /",
      message: "the server's stored key cannot be read",
      advice: "Enter the server's API key again; it was stored under another encryption key.",
    });
  }
}

/** WAHA takes changes of one session one after the other, and fails those that wait over 10 s for it. */
function wahaTurn({ method, url }: ApiRequest): string | undefined {
  if (method === "GET") return undefined;
  const path = /^.*\/api\/(.*)$/.exec(url)?.[1] ?? "";
  return path === "sessions" ? undefined : path.replace(/^sessions\//, "").split(/[/?]/)[0];
}

const turns: Readonly<Record<ProviderName, (request: ApiRequest) => string | undefined>> = {
  evolution: () => undefined,
  waha: wahaTurn,
};
