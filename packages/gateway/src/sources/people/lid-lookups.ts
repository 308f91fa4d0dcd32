import { pairFrom, WahaApi } from "@recado/providers";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { EventTail, LiveEvent } from "../../log/index.ts";
import type { Instance, ProviderServer, Store, TenantScope } from "../../store/contract/index.ts";
import type { ServerControls } from "../control/index.ts";

/**
 * Asks WAHA whose a LID is, when an event names somebody by LID and nothing said their phone yet. WAHA's
 * engines learn pairs that their webhooks leave out (WEBJS has no phone in any of them). Evolution has no
 * such question.
 *
 * Owns: which LIDs are asked for, and when again. Must not know: what the phone is used for.
 *
 * I1 Nothing that is stored or delivered waits for an answer.
 * I2 One question at a time, in the server's own line, behind what people wait for; what waits and what is
 *    remembered is bounded.
 * I3 A LID is asked for again only after a while, also when the answer was that nobody knows.
 * I4 A phone is learnt only for the LID that was asked for.
 * Proven by `lid-lookups.test.ts`.
 */
export interface LidLookups {
  start(): void;
  /** Resolves when the question under way has ended. Idempotent. */
  stop(): Promise<void>;
}

export interface LidLookupsOptions {
  readonly store: Pick<Store, "directory" | "people">;
  readonly tail: EventTail;
  readonly controls: Pick<ServerControls, "clientOptions">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** LIDs that wait; one that finds no room is asked for at its next event. */
const maxWaiting = 1_000;
/** LIDs of which is remembered when they were asked for; the oldest go first. */
const maxAsked = 10_000;
/** WAHA learns from traffic: who is unknown now may be known in some hours. */
const askAgainMs = 6 * 3_600_000;
/** After a failure a number's LIDs are left alone; an older WAHA has no such question at all. */
const pauseMs = 10 * 60_000;

interface Question {
  readonly scope: TenantScope;
  readonly instanceId: string;
  readonly lid: string;
}

const lidAddress = /@(?:hosted\.)?lid$/;

function questionOf({ event }: LiveEvent): Question | undefined {
  const { contact, instance, tenantId } = event;
  if (contact === undefined || contact.phone !== undefined) return undefined;
  if (instance?.provider !== "waha" || !lidAddress.test(contact.jid)) return undefined;
  return { scope: { tenantId }, instanceId: instance.id, lid: contact.jid };
}

class Lookups implements LidLookups {
  readonly #options: LidLookupsOptions;
  readonly #waiting: Question[] = [];
  /** By instance and LID, or by instance alone: until when it is left alone, monotonic milliseconds. */
  readonly #leftUntil = new Map<string, number>();
  #unsubscribe: () => void = () => undefined;
  #asking: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: LidLookupsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#unsubscribe = this.#options.tail.subscribe((events) => this.#listen(events));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#unsubscribe();
    this.#waiting.length = 0;
    await this.#asking;
  }

  #listen(events: readonly LiveEvent[]): void {
    for (const event of events) {
      const question = questionOf(event);
      if (question && this.#waiting.length < maxWaiting && this.#mayAsk(question))
        this.#waiting.push(question);
    }
    if (this.#waiting.length > 0) this.#asking ??= this.#askAll();
  }

  /** Takes note that it is asked for, so that the next event of the same person asks nothing. */
  #mayAsk({ instanceId, lid }: Question): boolean {
    const now = this.#options.clock.monotonic();
    const isLeft = (key: string) => (this.#leftUntil.get(key) ?? 0) > now;
    if (isLeft(instanceId) || isLeft(`${instanceId} ${lid}`)) return false;
    this.#leave(`${instanceId} ${lid}`, now + askAgainMs);
    return true;
  }

  #leave(key: string, until: number): void {
    this.#leftUntil.delete(key);
    this.#leftUntil.set(key, until);
    if (this.#leftUntil.size <= maxAsked) return;
    const [oldest = ""] = this.#leftUntil.keys();
    this.#leftUntil.delete(oldest);
  }

  async #askAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next && !this.#isStopped; next = this.#waiting.shift())
      await this.#ask(next);
    this.#asking = undefined;
  }

  async #ask(question: Question): Promise<void> {
    const { clock, logger } = this.#options;
    const { scope, instanceId, lid } = question;
    if ((this.#leftUntil.get(instanceId) ?? 0) > clock.monotonic()) return;
    try {
      const place = await this.#placeOf(question);
      if (place) await this.#learn(question, place);
    } catch (error) {
      this.#leave(instanceId, clock.monotonic() + pauseMs);
      this.#leftUntil.delete(`${instanceId} ${lid}`);
      logger.info(
        { err: error, tenantId: scope.tenantId, instanceId },
        "a provider could not be asked for the phone of a LID; its number is left alone for a while",
      );
    }
  }

  async #placeOf({ scope, instanceId }: Question): Promise<Place | undefined> {
    const { directory } = this.#options.store;
    const instance = await directory.instance(scope, instanceId);
    if (instance?.serverId === undefined) return undefined;
    const server = await directory.server(scope, instance.serverId);
    return server?.provider === "waha" ? { instance, server } : undefined;
  }

  async #learn({ scope, instanceId, lid }: Question, { instance, server }: Place): Promise<void> {
    const { store, controls, clock } = this.#options;
    const api = new WahaApi(controls.clientOptions(server, "background"));
    const answer = await api.phoneOfLid(instance.providerName, lid);
    const pair = answer.lid === lid ? pairFrom(lid, answer.jid) : undefined;
    if (pair) await store.people.learn(scope, instanceId, [pair], clock.now());
  }
}

interface Place {
  readonly instance: Instance;
  readonly server: ProviderServer;
}

export function createLidLookups(options: LidLookupsOptions): LidLookups {
  return new Lookups(options);
}
