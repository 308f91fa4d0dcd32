import { systemClock } from "../clock.ts";
import { createRandom } from "../random.ts";
import type { DeliveryReport } from "../sending/attempt.ts";
import {
  type JsonReply,
  type JsonRequest,
  Refusal,
  startJsonServer,
} from "../serving/json-server.ts";
import { createEvolutionSender, type EvolutionSenderOptions } from "./evolution-sender.ts";
import type { EvolutionEvent } from "./evolution-webhook.ts";
import {
  createInstance,
  type FakeEvolutionInstance,
  type FakeInstance,
  followConnection,
  instanceRow,
  rowId,
} from "./fake-instance.ts";
import { setWebhook, type WebhookRow } from "./webhook-set.ts";

/**
 * An Evolution API 2.3 without WhatsApp behind it: the few management calls that a gateway makes first,
 * answered in the recorded shapes, and webhooks sent by the real rules.
 *
 * Owns: instances, their webhook rows and connection state. Must not know: what the events say, except
 * that `connection.update` changes the state.
 *
 * I1 The instance is looked up before the key is checked, so an unknown name answers 404 without a key
 *    ("management calls answer as recorded").
 * I2 An instance's token opens its own paths only ("a token opens its own instance").
 * I3 Routes that are not served answer in Evolution's own error form ("management calls answer as recorded").
 */
export interface FakeEvolution {
  readonly url: string;
  /** The id that the server gave an instance. */
  idOf(instance: string): string;
  /** Something happened on an instance: its webhook (and the global one) hear of it. */
  emit(instance: string, event: EvolutionEvent): Promise<readonly DeliveryReport[]>;
  /** Sets an instance's webhook as `POST /webhook/set` does; throws when the server would refuse it. */
  setWebhook(instance: string, webhook: Readonly<Record<string, unknown>>): WebhookRow;
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface FakeEvolutionOptions extends Omit<EvolutionSenderOptions, "serverUrl" | "family"> {
  readonly instances: readonly FakeEvolutionInstance[];
  /** `AUTHENTICATION_API_KEY`. */
  readonly apikey: string;
  readonly port?: number;
  readonly version?: string;
}

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
};

function refuse(status: number, message: unknown): Refusal {
  const error = reasons[status] ?? "Internal Server Error";
  return new Refusal({ status, body: { status, error, response: { message } } });
}

/** The management calls over `instances`. */
function createRoutes(
  instances: ReadonlyMap<string, FakeInstance>,
  find: (name: string) => FakeInstance,
  store: (instance: FakeInstance, body: unknown) => WebhookRow,
  { apikey, version }: FakeEvolutionOptions,
): (request: JsonRequest) => JsonReply {
  function guarded(request: JsonRequest, name: string): FakeInstance {
    const instance = find(name);
    const key = request.headers["apikey"];
    if (key !== apikey && key !== instance.token) throw refuse(401, "Unauthorized");
    return instance;
  }

  function list({ headers, query }: JsonRequest): readonly FakeInstance[] {
    const key = headers["apikey"];
    const visible = [...instances.values()].filter(({ token }) => key === apikey || key === token);
    if (key !== apikey && visible.length === 0) throw refuse(401, "Unauthorized");
    const name = query.get("instanceName");
    const named = name === null ? visible : visible.filter((instance) => instance.name === name);
    if (name !== null && named.length === 0) throw refuse(404, [`Instance "${name}" not found`]);
    return named;
  }

  return (request) => {
    const { method, path, body, url } = request;
    if (body.kind === "malformed") {
      const response = { message: body.reason };
      return { status: 400, body: { status: 400, error: "Internal Server Error", response } };
    }
    const [first, second, name] = path;
    const route = `${method} ${path.length} ${first}/${second ?? ""}`;
    switch (route) {
      case "GET 1 /":
        return { status: 200, body: greeting(request.headers["host"] ?? "", version) };
      case "GET 2 instance/fetchInstances":
        return { status: 200, body: list(request).map(instanceRow) };
      case "GET 3 instance/connectionState": {
        const { name: instanceName, state } = guarded(request, name ?? "");
        return { status: 200, body: { instance: { instanceName, state } } };
      }
      case "GET 3 webhook/find":
        return { status: 200, body: guarded(request, name ?? "").webhook ?? null };
      case "POST 3 webhook/set":
        return {
          status: 201,
          body: store(guarded(request, name ?? ""), body.kind === "json" ? body.value : {}),
        };
      default:
        throw refuse(404, [`Cannot ${method} ${url}`]);
    }
  };
}

/** Starts the server. */
export async function startFakeEvolution(options: FakeEvolutionOptions): Promise<FakeEvolution> {
  const { clock = systemClock, random = createRandom("fake-evolution") } = options;
  const instances = new Map<string, FakeInstance>();
  const time = (): string => new Date(clock.now()).toISOString();
  for (const given of options.instances)
    instances.set(given.name, createInstance(given, random, time()));

  function find(name: string): FakeInstance {
    const instance = instances.get(name);
    if (!instance) throw refuse(404, [`The "${name}" instance does not exist`]);
    return instance;
  }

  function store(instance: FakeInstance, body: unknown): WebhookRow {
    const fresh = { id: rowId(random), instanceId: instance.id, now: time() };
    const result = setWebhook(body, instance.webhook, fresh);
    if (result.kind === "invalid") throw refuse(400, [result.complaints]);
    if (result.kind === "crashed") throw refuse(500, result.message);
    instance.webhook = result.row;
    return result.row;
  }

  const routes = createRoutes(instances, find, store, options);
  const server = await startJsonServer(
    routes,
    options.port === undefined ? {} : { port: options.port },
  );
  const sender = createEvolutionSender({
    ...options,
    serverUrl: server.url,
    clock,
    random: random.fork("sender"),
  });
  return {
    url: server.url,
    idOf: (name) => find(name).id,
    emit(name, event) {
      const instance = find(name);
      if (event.event === "connection.update") followConnection(instance, event.data);
      const { token, owner, webhook } = instance;
      return sender.emit({ name, token, owner }, webhook, event);
    },
    setWebhook: (name, webhook) => store(find(name), { webhook }),
    idle: () => sender.idle(),
    async close() {
      await sender.close();
      await server.close();
    },
  };
}

function greeting(host: string, version = "2.3.7"): Readonly<Record<string, unknown>> {
  return {
    status: 200,
    message: "Welcome to the Evolution API, it is working!",
    version,
    clientName: "evolution_exchange",
    manager: `http://${host}/manager`,
    documentation: "https://doc.evolution-api.com",
    whatsappWebVersion: "2.3000.1027934701",
  };
}
