import type { InstanceHealthResource, EventType, RecadoEvent } from "@recado/protocol";
import { allEvents } from "../gateway-process.ts";
import type { DayStage } from "./day-stage.ts";
import type { DayTraffic } from "./day-traffic.ts";
import { differences, type LoggedMessage } from "./truth.ts";

/** What is told about a number once, and not as often as it is seen. */
const incidentTypes: readonly EventType[] = [
  "instance.silent",
  "instance.frozen",
  "instance.logged_out",
  "instance.webhook_changed",
  "instance.removed",
  "endpoint.failing",
  "endpoint.disabled",
  "delivery.exhausted",
];

/** WAHA's words for states; Evolution's are the documented ones. */
const meanings: Readonly<Record<string, string>> = {
  WORKING: "open",
  STARTING: "connecting",
  SCAN_QR_CODE: "connecting",
  STOPPED: "close",
  FAILED: "close",
};

/** The log of the gateway beside what the simulated servers know. */
export class DayLog {
  readonly #stage: DayStage;

  constructor(stage: DayStage) {
    this.#stage = stage;
  }

  /** Ids of a number's messages, in the order in which its server stored them. */
  #idsAt(name: string): readonly string[] {
    const { evolution, waha } = this.#stage;
    return name in evolution.states()
      ? evolution.messages(name).map(({ key }) => String(key["id"]))
      : waha.messages(name).map(({ id }) => id);
  }

  async #events(query = ""): Promise<readonly RecadoEvent[]> {
    return (await allEvents(this.#stage.url, query)) as unknown as readonly RecadoEvent[];
  }

  /** What differs between the messages of every number and the log, in sentences. */
  async differences(traffic: DayTraffic): Promise<readonly string[]> {
    const { evolution, waha } = this.#stage;
    const logged = Map.groupBy(
      await this.#events("&type=message.received"),
      ({ instance }) => instance?.name ?? "",
    );
    const names = [...Object.keys(evolution.states()), ...Object.keys(waha.states())];
    return names.flatMap((name) => {
      const truth = this.#idsAt(name).map((id) => ({ id, way: traffic.wayOf(id) ?? "live" }));
      const log = (logged.get(name) ?? []).map(loggedMessage);
      return differences(truth, log).map((difference) => `${name}: ${difference}`);
    });
  }

  /** States that are not the server's own; none when all are known as they are. */
  async wrongStates(
    health: (name: string) => Promise<InstanceHealthResource>,
  ): Promise<readonly string[]> {
    const { evolution, waha } = this.#stage;
    const wrong: string[] = [];
    for (const [name, truth] of Object.entries({ ...evolution.states(), ...waha.states() })) {
      const { state, providerState } = await health(name);
      if (state !== (meanings[truth] ?? truth))
        wrong.push(`${name} is ${truth} at its server and ${state} (${providerState}) here`);
    }
    return wrong;
  }

  /** What was told about each number, in the order of the alphabet: findings, and disconnections that stay. */
  async incidents(): Promise<Readonly<Record<string, readonly string[]>>> {
    const told = await this.#events(`&type=${incidentTypes.join(",")},instance.connection_changed`);
    const lines = told
      .filter(({ type, data }) => type !== "instance.connection_changed" || isClose(data))
      .map((event) => ({
        name: event.instance?.name ?? "",
        line: `${event.type} ${reasonOf(event.data)}`.trim(),
      }));
    const byName = Map.groupBy(lines, ({ name }) => name);
    return Object.fromEntries(
      [...byName].map(([name, entries]) => [name, entries.map(({ line }) => line).toSorted()]),
    );
  }
}

function isClose(data: RecadoEvent["data"]): boolean {
  return "state" in data && data.state === "close";
}

function reasonOf(data: RecadoEvent["data"]): string {
  return "reason" in data ? (data.reason ?? "") : "";
}

function loggedMessage(event: RecadoEvent): LoggedMessage {
  const { messageId } = event.data as { readonly messageId?: string };
  return {
    id: messageId ?? "no id",
    late: event.late === true,
    recovered: event.recovered === true,
    ageMs: Date.parse(event.receivedAt) - Date.parse(event.occurredAt),
  };
}
