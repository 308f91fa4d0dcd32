import { systemClock } from "../clock.ts";
import { createRandom } from "../random.ts";
import type { DeliveryReport } from "../sending/attempt.ts";
import type { Call, CallLog } from "../serving/call-log.ts";
import { startJsonServer } from "../serving/json-server.ts";
import type { Cast, Happening } from "../traffic/happening.ts";
import type { EvolutionSenderOptions } from "./evolution-sender.ts";
import { evolutionEvents } from "./evolution-traffic.ts";
import type { EvolutionEvent } from "./evolution-webhook.ts";
import { storedRow } from "./http/config-routes.ts";
import { setFirstWebhook } from "./http/v1/config-routes.ts";
import { answerCall, routeName } from "./http/routes.ts";
import { createBroadcast } from "./life/broadcast.ts";
import { createFlow, type Flow } from "./life/flow.ts";
import { follow } from "./life/follow.ts";
import { type EvolutionIncoming, incoming } from "./life/incoming.ts";
import { createPairing, type QrOptions } from "./life/pairing.ts";
import { createPhoneActions, type PhoneActions } from "./life/phone.ts";
import { createTroubleActions, type TroubleActions } from "./life/trouble.ts";
import { addInstance, freshRow, timeOf, type World } from "./life/world.ts";
import {
  createEvolutionSockets,
  type EvolutionSocketOptions,
} from "./sockets/evolution-sockets.ts";
import type { FakeEvolutionInstance, FakeInstance } from "./state/fake-instance.ts";
import type { StoredMessage } from "./state/message-list.ts";
import { setWebhook, type WebhookRow } from "./state/webhook-set.ts";
import { setWebsocket, type WebsocketRow } from "./state/websocket-set.ts";

/**
 * An Evolution API 2.3 without WhatsApp behind it: the management calls in the recorded shapes, webhooks
 * by the real retry rules, Socket.IO, and everything that can go wrong, on command.
 *
 * Owns: how its parts fit together. Must not know: what events say.
 *
 * I1 An event is stored first, then told to the sockets, then to the webhooks, all with the same time
 *    ("a message is stored, and sockets and webhook carry the recorded frames").
 * I2 A stopped process forgets its pending retries and its namespaces, and keeps its database ("a
 *    restarted process has lost its retries and kept its messages").
 */
export interface FakeEvolution {
  readonly url: string;
  /** What was called, by route: `POST /webhook/set/:instanceName`. */
  readonly calls: CallLog;
  readonly phone: PhoneActions;
  readonly trouble: TroubleActions;
  /** The id that the server gave an instance. */
  idOf(instance: string): string;
  tokenOf(instance: string): string;
  /** Adds an instance as if somebody had created it; told as `instance.create`. */
  create(instance: FakeEvolutionInstance): Promise<readonly DeliveryReport[]>;
  /**
   * Something happened on an instance: stored, and told to its sockets, its webhook and the global one.
   * Reports of what is held (a frozen queue, a dead process) are empty.
   */
  emit(instance: string, event: EvolutionEvent): Promise<readonly DeliveryReport[]>;
  /** Somebody writes to the number. */
  receive(instance: string, message: EvolutionIncoming): Promise<readonly DeliveryReport[]>;
  /** What happened on WhatsApp (an answer, an ack, an edit, a reaction), as this server tells it. */
  perform(instance: string, cast: Cast, happening: Happening): Promise<readonly DeliveryReport[]>;
  /** Sets an instance's webhook as `POST /webhook/set` does, behind everybody's back; throws when the server would refuse it. */
  setWebhook(instance: string, webhook: Readonly<Record<string, unknown>>): WebhookRow;
  /** Somebody removes the row from the database. */
  removeWebhook(instance: string): void;
  webhookOf(instance: string): WebhookRow | undefined;
  setWebsocket(instance: string, websocket: Readonly<Record<string, unknown>>): WebsocketRow;
  /** State by instance, as the server has it in memory. */
  states(): Readonly<Record<string, string>>;
  /** The truth to compare with: an instance's messages in the order in which they were stored. */
  messages(instance: string): readonly StoredMessage[];
  /** Resolves when no delivery is under way or waiting. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface FakeEvolutionOptions extends Omit<EvolutionSenderOptions, "serverUrl"> {
  readonly instances: readonly FakeEvolutionInstance[];
  /** `AUTHENTICATION_API_KEY`. */
  readonly apikey: string;
  readonly port?: number;
  /** The address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Told of every management call once its status is sent. */
  readonly onCall?: (call: Call) => void;
  /** What `GET /` says. Default: the last of the family (2.3.7, 2.2.3, 1.8.2). */
  readonly version?: string;
  /** Milliseconds before every answer. Default 0. */
  readonly latencyMs?: number;
  /** `WEBSOCKET_ENABLED` and what belongs to it; false: off. */
  readonly websocket?: EvolutionSocketOptions | false;
  readonly qr?: QrOptions;
  /** Digits of numbers that have no WhatsApp. */
  readonly absentNumbers?: readonly string[];
}

type Facts = Omit<FakeEvolution, "url" | "calls" | "phone" | "trouble" | "idle" | "close">;

/** What a scenario does with instances and what it may ask about them. */
function createFacts(world: World, flow: Flow, find: (name: string) => FakeInstance): Facts {
  const perform: Facts["perform"] = async (name, cast, happening) => {
    const instance = find(name);
    const number = { name, instanceId: instance.id, cast };
    const events = evolutionEvents(number, happening, world.clock.now(), world.random);
    const reports = await Promise.all(events.map((event) => flow.emit(instance, event)));
    return reports.flat();
  };
  return {
    idOf: (name) => find(name).id,
    tokenOf: (name) => find(name).token,
    async create(given) {
      const instance = addInstance(world, given);
      const data = { instanceName: instance.name, instanceId: instance.id };
      return flow.emit(instance, { event: "instance.create", data });
    },
    emit: (name, event) => flow.emit(find(name), event),
    receive(name, message) {
      const { owner = "", profileName = "" } = find(name);
      const me = { name: profileName, phone: owner.split("@")[0] ?? "", lid: "" };
      const cast: Cast = { me: { ...me, addressing: "phone" }, people: [], groups: [] };
      return perform(name, cast, incoming(message, world.random));
    },
    perform,
    setWebhook(name, webhook) {
      const instance = find(name);
      const { webhook: previous } = instance;
      const fresh = freshRow(world, instance);
      const row = storedRow(
        world.family === "1"
          ? setFirstWebhook(webhook, previous, fresh)
          : setWebhook({ webhook }, previous, fresh),
      );
      instance.webhook = row;
      return row;
    },
    removeWebhook(name) {
      find(name).webhook = undefined;
    },
    webhookOf: (name) => find(name).webhook,
    setWebsocket(name, websocket) {
      const instance = find(name);
      const fresh = freshRow(world, instance);
      const row = storedRow(setWebsocket({ websocket }, instance.websocket, fresh));
      instance.websocket = row;
      return row;
    },
    states: () =>
      Object.fromEntries([...world.instances.values()].map(({ name, state }) => [name, state])),
    messages: (name) => find(name).messages.all(),
  };
}

const lastVersions = { "2.3": "2.3.7", "2.2": "2.2.3", "1": "1.8.2" } as const;

function createWorld(options: FakeEvolutionOptions, emit: World["emit"]): World {
  const { family = "2.3" } = options;
  return {
    instances: new Map(),
    clock: options.clock ?? systemClock,
    random: options.random ?? createRandom("fake-evolution"),
    family,
    version: options.version ?? lastVersions[family],
    apikey: options.apikey,
    online: true,
    websocketEnabled: options.websocket !== false,
    absentNumbers: new Set(options.absentNumbers),
    emit,
  };
}

/** Starts the server. */
export async function startFakeEvolution(options: FakeEvolutionOptions): Promise<FakeEvolution> {
  const world = createWorld(options, (instance, event) => flow.emit(instance, event));
  const { websocket = {} } = options;
  const isKey = (key: string): boolean =>
    key === world.apikey || [...world.instances.values()].some(({ token }) => token === key);
  // Before 2.3 nobody was asked for a key.
  const everybody = world.family === "2.3" ? {} : { allowedHosts: "*" };
  const sockets =
    websocket === false ? undefined : createEvolutionSockets(isKey, { ...everybody, ...websocket });
  const broadcast = createBroadcast(world, sockets, options);
  const flow = createFlow({
    store: (instance, event) => follow(instance, event, timeOf(world)),
    send: (instance, event, lost) => broadcast.send(instance, event, lost),
  });
  const pairing = createPairing(world, options.qr ?? {});
  for (const given of options.instances) addInstance(world, given);
  const server = await startJsonServer((request) => answerCall({ world, pairing, flow }, request), {
    clock: world.clock,
    routeOf: (request) => routeName(world.family, request),
    headers: { "Access-Control-Allow-Origin": "*", Vary: "Origin, Accept-Encoding" },
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.onCall === undefined ? {} : { onCall: options.onCall }),
    ...(options.latencyMs === undefined ? {} : { latencyMs: options.latencyMs }),
    ...(sockets ? { attach: (http) => sockets.attach(http) } : {}),
  });
  broadcast.open(server.url);

  function find(name: string): FakeInstance {
    const instance = world.instances.get(name);
    if (!instance) throw new Error(`there is no instance "${name}"`);
    return instance;
  }

  return {
    url: server.url,
    calls: server.calls,
    phone: createPhoneActions(world, pairing, find),
    trouble: createTroubleActions({ world, server, flow, pairing, broadcast, find }),
    ...createFacts(world, flow, find),
    idle: () => flow.idle(),
    async close() {
      pairing.endAll();
      await Promise.all([broadcast.close(), server.close()]);
    },
  };
}
