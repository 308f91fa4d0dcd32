import type { InstanceHealthResource } from "@recado/protocol";
import { startReceiver, type Receiver } from "@recado/simulator";
import { createDayStage, providerKey, type DayStage } from "./day-stage.ts";
import { DayTraffic } from "./day-traffic.ts";
import type { Way } from "./truth.ts";

const minute = 60_000;
const week = 7 * 24 * 60 * minute;
/** Monday, ten in the morning. */
const dayBegins = Date.UTC(2026, 2, 2, 10);

const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(2, "0")}`);

/** Numbers of the Evolution, and of the WAHA. */
export const lojas = numbered("loja", 16);
export const salas = numbered("sala", 14);
/** Busy at this hour of every Monday, so that their silence means something. */
const lively = ["loja-01", "loja-02", "sala-01", "sala-02"];
const others = [...lojas, ...salas].filter((name) => !lively.includes(name));
/** How some of them are listened to; the others by webhook. */
const sources = { "loja-09": "socket", "loja-10": "both", "sala-09": "socket", "sala-10": "both" };
const socketOnly = ["loja-09", "sala-09"];

export interface DayServer {
  readonly id: string;
  readonly health?: { readonly ok: boolean; readonly reason?: { readonly code: string } };
  readonly sync?: { readonly state: string; readonly total: number; readonly failed: number };
  readonly instances?: Readonly<Record<string, number>>;
}

/** Thirty numbers, and what happens to them on one Monday morning. */
export class ScriptedDay {
  readonly stage: DayStage;
  readonly traffic: DayTraffic;
  /** Another program that receives webhooks. */
  readonly neighbour: Receiver;
  /** Numbers to which nobody writes, since they are not connected. */
  readonly #down = new Set<string>();
  /** Numbers whose messages do not come as they usually do. */
  readonly #ways = new Map<string, Way>();
  readonly #servers = new Map<string, DayServer>();

  private constructor(stage: DayStage, neighbour: Receiver, seed: string) {
    this.stage = stage;
    this.neighbour = neighbour;
    this.traffic = new DayTraffic(stage, seed);
  }

  static async begin(seed: string): Promise<ScriptedDay> {
    const stage = await createDayStage(dayBegins - 2 * week - 10 * minute, seed, {
      evolution: lojas,
      waha: salas,
    });
    return new ScriptedDay(stage, await startReceiver(), seed);
  }

  async close(): Promise<void> {
    await this.stage.close();
    await this.neighbour.close();
  }

  health(name: string): Promise<InstanceHealthResource> {
    return this.stage.api("GET", `/instances/${name}/health`);
  }

  server(provider: "evolution" | "waha"): Promise<DayServer> {
    return this.stage.api("GET", `/servers/${this.#servers.get(provider)?.id}`);
  }

  /** Each server is registered once; its numbers appear, and some are then listened to another way. */
  async adopt(): Promise<void> {
    const { stage } = this;
    for (const provider of ["evolution", "waha"] as const) {
      const baseUrl = stage[provider].url;
      const body = { provider, baseUrl, apiKey: providerKey };
      this.#servers.set(provider, await stage.api<DayServer>("POST", "/servers", body));
    }
    for (const provider of ["evolution", "waha"] as const) {
      const isDone = async (): Promise<boolean> =>
        (await this.server(provider)).sync?.state === "done";
      await stage.until(`${provider} adopted`, isDone, 5 * minute);
    }
    for (const [name, source] of Object.entries(sources)) {
      await stage.api("PATCH", `/instances/${name}`, { source });
      const isLive = async (): Promise<boolean> =>
        (await this.health(name)).socket?.["state"] === "live";
      await stage.until(`${name} is heard by socket`, isLive, 5 * minute);
    }
    // The webhooks that are not needed any more go.
    await stage.forward(minute);
  }

  /** Two Mondays as they usually are. */
  async learn(): Promise<void> {
    for (const begins of [dayBegins - 2 * week, dayBegins - week]) {
      this.stage.clock.leapTo(begins - minute);
      await this.stage.forward(minute);
      await this.traffic.minutes(61, { lively, others: [] }, () => "live", minute);
    }
    this.stage.clock.leapTo(dayBegins);
    await this.#pass(3);
  }

  /** One is banned, two are logged out on their phones, one loses its connection and finds it again. */
  async numbersGoDown(): Promise<void> {
    const { evolution, waha } = this.stage;
    for (const name of ["loja-03", "loja-04", "sala-03", "sala-04"]) this.#down.add(name);
    void evolution.phone.ban("loja-03");
    void evolution.phone.logout("loja-04");
    waha.phone.drop("sala-03");
    waha.phone.logout("sala-04");
    await this.#pass(3);
    for (let count = 0; count < 3; count++) this.traffic.write("sala-03", "held");
    await this.#pass(2);
    waha.phone.open("sala-03");
    this.#down.delete("sala-03");
    await this.#pass(1);
  }

  /** One number stands still, and nothing of another leaves its server, while both say they are connected. */
  async oneFreezesOneIsSilent(): Promise<void> {
    const { stage } = this;
    stage.evolution.trouble.freeze("loja-01");
    this.#ways.set("loja-01", "held");
    const lost = 17;
    stage.waha.trouble.lose(lost, "sala-01");
    this.#ways.set("sala-01", "recovered");
    await this.#pass(lost);
    this.#ways.delete("sala-01");
    await this.#passUntil("the frozen number was restarted", 15, async () => {
      const { restarts } = await this.health("loja-01");
      return restarts.length > 0;
    });
    this.#ways.delete("loja-01");
    await this.#pass(2);
  }

  /** Somebody gives a number's webhook to another program, and removes another's. */
  async somebodyChangesWebhooks(): Promise<void> {
    const { evolution, waha } = this.stage;
    const taken = ["loja-06", "sala-06"];
    evolution.setWebhook("loja-06", { enabled: true, url: this.neighbour.url, events: [] });
    waha.setWebhooks("sala-06", []);
    for (const name of taken) {
      this.#ways.set(name, "recovered");
      for (let count = 0; count < 3; count++) {
        this.traffic.write(name, "recovered");
        await this.stage.forward(1_000);
      }
      this.#down.add(name);
    }
    await this.#passUntil("both webhooks are ours again", 15, async () => {
      const urls = [evolution.webhookOf("loja-06")?.url, waha.webhooksOf("sala-06")[0]?.url];
      return urls.every((url) => url !== undefined && url !== this.neighbour.url);
    });
    for (const name of taken) {
      this.#ways.delete(name);
      this.#down.delete(name);
    }
    await this.#passUntil("what went elsewhere is fetched", 5, async () => {
      const all = await Promise.all(taken.map((name) => this.health(name)));
      return all.every(({ reconcile }) => (reconcile?.added ?? 0) >= 3);
    });
  }

  /** The provider's key is changed, and only later here. Webhooks come all the while. */
  async keyChanges(): Promise<{ readonly refused: DayServer }> {
    const { stage } = this;
    stage.evolution.trouble.setApikey("another-key");
    await this.#passUntil("the refused key is seen", 15, async () => {
      const { health } = await this.server("evolution");
      return health?.ok === false;
    });
    const refused = await this.server("evolution");
    await this.#pass(1);
    await stage.api("PATCH", `/servers/${refused.id}`, { apiKey: "another-key" });
    await this.#passUntil("the new key works", 5, async () => {
      const { health } = await this.server("evolution");
      return health?.ok === true;
    });
    return { refused };
  }

  /**
   * The machine with all three programs on it is started anew: the gateway is away for some minutes, and its
   * providers forget what they had to send again.
   */
  async machineRestarts(): Promise<void> {
    const { stage } = this;
    const all = [...lojas, ...salas];
    let restarted: Promise<unknown> = Promise.resolve();
    await stage.restartGateway(async () => {
      for (const name of all) this.#ways.set(name, "recovered");
      await this.#pass(2);
      // Over when what it tells has arrived, which nobody takes yet.
      restarted = Promise.all([stage.evolution.trouble.restart(), stage.waha.trouble.restart()]);
      for (const name of all) this.#ways.set(name, "held");
      await this.#pass(1);
    });
    // Who listens by socket alone hears again once that is connected.
    for (const name of all) if (!socketOnly.includes(name)) this.#ways.delete(name);
    await this.#untilNothingIsMissing();
    await this.#untilSocketsAreLive();
    await restarted;
  }

  /** Both servers restart, and tell nothing of what came meanwhile: 200 messages at one, 40 at the other. */
  async serversRestart(): Promise<void> {
    const { evolution, waha } = this.stage;
    await evolution.trouble.restart({
      missed: "kept",
      whileDown: () => this.#writeTo(this.#up(lojas), 200),
    });
    // Who listens by socket alone hears again once that is connected.
    for (const name of socketOnly) this.#ways.set(name, "held");
    await this.#pass(1);
    await waha.trouble.restart({
      missed: "kept",
      whileDown: () => this.#writeTo(this.#up(salas), 40),
    });
    await this.#untilSocketsAreLive();
  }

  /** The last number goes down, and everything that was missed is fetched. */
  async end(): Promise<void> {
    const { stage } = this;
    this.#down.add("loja-05");
    void stage.evolution.phone.drop("loja-05");
    await this.#untilNothingIsMissing();
  }

  /** The servers answer, and everything that may have been missed was compared. */
  #untilNothingIsMissing(): Promise<void> {
    return this.#passUntil("nothing is missing any more", 30, async () => {
      const servers = [await this.server("evolution"), await this.server("waha")];
      if (!servers.every((server) => server.health?.ok)) return false;
      const names = this.#up([...lojas, ...salas]);
      const all = await Promise.all(names.map((name) => this.health(name)));
      return all.every(
        ({ gapFrom, reconcile }) => gapFrom === undefined && reconcile?.status === "done",
      );
    });
  }

  async #untilSocketsAreLive(): Promise<void> {
    await this.#passUntil("sockets are connected again", 10, async () => {
      const all = await Promise.all(socketOnly.map((name) => this.health(name)));
      return all.every(({ socket }) => socket?.["state"] === "live");
    });
    for (const name of socketOnly) this.#ways.delete(name);
  }

  #up(names: readonly string[]): readonly string[] {
    return names.filter((name) => !this.#down.has(name));
  }

  async #writeTo(names: readonly string[], count: number): Promise<void> {
    for (let written = 0; written < count; written++) {
      this.traffic.write(names[written % names.length] ?? "", "recovered");
      await this.stage.forward(1_000);
    }
  }

  #pass(minutes: number): Promise<void> {
    const numbers = { lively, others: this.#up(others) };
    return this.traffic.minutes(minutes, numbers, (name) => this.#ways.get(name) ?? "live");
  }

  /** Minute by minute, with what is written in them. */
  async #passUntil(
    what: string,
    mostMinutes: number,
    condition: () => Promise<boolean>,
  ): Promise<void> {
    for (let passed = 0; passed < mostMinutes; passed++) {
      if (await condition()) return;
      await this.#pass(1);
    }
    throw new Error(`in ${mostMinutes} min not: ${what}`);
  }
}
