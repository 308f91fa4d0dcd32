import { ProviderApiError } from "@recado/providers";
import { steadyTime, type Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type {
  Directory,
  Instance,
  ProviderServer,
  TenantScope,
} from "../../store/contract/index.ts";
import type { RemoteInstance, ServerControls } from "../control/index.ts";
import { takeListed } from "./number/listed.ts";
import type { NumberBook } from "./number/number-book.ts";
import type { WatchedNumber } from "./number/watched-number.ts";

/**
 * Asks each server from time to time how its numbers are: one call for all of them.
 *
 * Owns: when which server is asked. Must not know: the log, message lists.
 *
 * I1 A server is asked once per interval at most, whatever it answers, and not again while it is asked.
 * I2 A number's state is only contradicted when the server says the same twice, in its list and alone.
 * Proven by `watch.test.ts`.
 */
export interface ServerSweep {
  /** Begins with whatever is due; resolves when that was looked up, not when it was answered. */
  look(): Promise<void>;
  /** Resolves when no call is under way. */
  idle(): Promise<void>;
}

export interface ServerSweepOptions {
  readonly directory: Directory;
  readonly controls: ServerControls;
  readonly book: NumberBook;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs: number;
  /** In [0, 1): spreads the servers over the interval. */
  readonly random: () => number;
  /** A number's state is not what the server says. */
  contradicted(number: WatchedNumber, remote: RemoteInstance): Promise<void>;
  /** Something may be missing: a server answers that did not at the last look, or a number is new. */
  missed(numbers: readonly WatchedNumber[], why: "started" | "provider_restarted"): void;
}

interface Plan {
  nextAt: number;
  asking: boolean;
  down: boolean;
}

const pageSize = 500;
/** A change that is on its way to us is not a contradiction. */
const settleMs = 20_000;
/** Servers asked at the same time. */
const mostAtOnce = 8;

class Sweep implements ServerSweep {
  readonly #options: ServerSweepOptions;
  readonly #plans = new Map<string, Plan>();
  readonly #asking = new Set<Promise<void>>();

  readonly #steadyNow: () => number;

  constructor(options: ServerSweepOptions) {
    this.#options = options;
    this.#steadyNow = steadyTime(options.clock);
  }

  async look(): Promise<void> {
    const { directory } = this.#options;
    const seen = new Set<string>();
    for await (const tenant of pages((page) => directory.tenants(page))) {
      if (!tenant.active) continue;
      const scope = { tenantId: tenant.id };
      const due: ProviderServer[] = [];
      for await (const server of pages((page) => directory.servers(scope, page))) {
        seen.add(server.id);
        if (this.#isDue(server.id)) due.push(server);
      }
      if (due.length === 0) continue;
      const byServer = Map.groupBy(
        await all((page) => directory.instances(scope, page)),
        ({ serverId }) => serverId,
      );
      for (const server of due) this.#begin(scope, server, byServer.get(server.id) ?? []);
    }
    for (const id of this.#plans.keys()) if (!seen.has(id)) this.#plans.delete(id);
  }

  async idle(): Promise<void> {
    await Promise.all(this.#asking);
  }

  #isDue(serverId: string): boolean {
    const { everyMs, random } = this.#options;
    const now = this.#steadyNow();
    const plan = this.#plans.get(serverId);
    if (!plan) {
      // The first look comes soon: after a start nobody knows anything.
      const nextAt = now + Math.floor(random() * Math.min(everyMs, 5_000));
      this.#plans.set(serverId, { nextAt, asking: false, down: false });
      return false;
    }
    return !plan.asking && plan.nextAt <= now && this.#asking.size < mostAtOnce;
  }

  #begin(scope: TenantScope, server: ProviderServer, instances: readonly Instance[]): void {
    const plan = this.#plans.get(server.id);
    if (!plan || instances.length === 0 || plan.asking) return;
    const { everyMs, logger } = this.#options;
    plan.asking = true;
    plan.nextAt = this.#steadyNow() + everyMs;
    const asked = this.#ask(scope, server, instances, plan)
      .catch((error: unknown) => logger.error({ err: error }, "a server could not be looked at"))
      .finally(() => {
        plan.asking = false;
        this.#asking.delete(asked);
      });
    this.#asking.add(asked);
  }

  async #ask(
    scope: TenantScope,
    server: ProviderServer,
    instances: readonly Instance[],
    plan: Plan,
  ): Promise<void> {
    const { controls, clock, book } = this.#options;
    const numbers = instances.map((instance) => ({
      instance,
      number: book.watch(scope, instance.id),
    }));
    let list: readonly RemoteInstance[];
    try {
      list = await controls.of(server, "background").list();
    } catch (error) {
      if (!(error instanceof ProviderApiError)) throw error;
      this.#noAnswer(
        numbers.map(({ number }) => number),
        error.code,
        plan,
      );
      return;
    }
    const at = clock.now();
    const byName = new Map(list.map((remote) => [remote.name, remote]));
    const byText = new Map(list.map((remote) => [remote.name.normalize("NFC"), remote]));
    for (const { instance, number } of numbers) {
      const { providerName: name } = instance;
      const remote = byName.get(name) ?? byText.get(name.normalize("NFC"));
      if (!remote) number.probe = { at, answer: "not_found" };
      else await this.#compare(server, instance, number, remote);
    }
    if (plan.down) {
      this.#options.missed(
        numbers.map(({ number }) => number),
        "provider_restarted",
      );
    }
    plan.down = false;
  }

  #noAnswer(numbers: readonly WatchedNumber[], answer: string, plan: Plan): void {
    const at = this.#options.clock.now();
    for (const number of numbers) {
      number.probe = { at, answer };
      // What happens there now may never be told: a server that restarts forgets what it had to send.
      if (!plan.down && number.connection.state === "open")
        number.gapFrom ??= number.traffic.newestMessageAt || at;
    }
    plan.down = true;
  }

  async #compare(
    server: ProviderServer,
    instance: Instance,
    number: WatchedNumber,
    remote: RemoteInstance,
  ): Promise<void> {
    const { clock, book, contradicted } = this.#options;
    const at = clock.now();
    const known = number.connection;
    if (takeListed(number, remote, at)) {
      if (remote.state === "open") this.#options.missed([number], "started");
      book.changed(number);
      return;
    }
    if (known.state === remote.state || at - known.since < settleMs) return;
    const alone = await this.#alone(server, instance);
    if (!alone || alone.state === number.connection.state || number.connection !== known) return;
    await contradicted(number, alone);
  }

  /** Undefined when the server says nothing of this number alone: its list is no proof then. */
  async #alone(server: ProviderServer, instance: Instance): Promise<RemoteInstance | undefined> {
    try {
      return await this.#options.controls.of(server, "background").instance(instance.providerName);
    } catch (error) {
      if (error instanceof ProviderApiError) return undefined;
      throw error;
    }
  }
}

type PageOf<T> = (page: {
  readonly afterId?: string;
  readonly limit: number;
}) => Promise<readonly T[]>;

async function* pages<T extends { readonly id: string }>(read: PageOf<T>): AsyncGenerator<T> {
  let afterId: string | undefined;
  for (;;) {
    const page = await read({ limit: pageSize, ...(afterId === undefined ? {} : { afterId }) });
    yield* page;
    afterId = page.at(-1)?.id;
    if (page.length < pageSize) return;
  }
}

async function all<T extends { readonly id: string }>(read: PageOf<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of pages(read)) found.push(item);
  return found;
}

export function createServerSweep(options: ServerSweepOptions): ServerSweep {
  return new Sweep(options);
}
