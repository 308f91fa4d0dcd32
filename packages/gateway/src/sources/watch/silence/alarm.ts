import { ProviderApiError } from "@recado/providers";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { Directory, TenantScope } from "../../../store/contract/index.ts";
import type { RemoteInstance, ServerControls } from "../../control/index.ts";
import { numberAtServer } from "../number-at-server.ts";
import type { NumberBook } from "../number/number-book.ts";
import { endIncident, mostRestarts, type WatchedNumber } from "../number/watched-number.ts";
import type { OwnEvents } from "../own-events.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import {
  findingOf,
  mayRestartAt,
  unansweredPeople,
  unansweredReasons,
  type Answer,
  type Finding,
} from "./finding.ts";
import { askProvider } from "./number-check.ts";
import { silenceOf, type Silence } from "./silence-rule.ts";

/**
 * Notices numbers that say they are connected while nothing comes, asks their provider, tells it, and
 * restarts what is frozen where that is wished for.
 *
 * I1 A number is asked about at most every {@link waitsMs}, longer each time, and {@link mostAtOnce} at once.
 * I2 One silence is told once; a freeze that it turns out to be is told once more, as that.
 * I3 Never more restarts than `mayRestartAt` allows.
 */
export interface Alarm {
  /** Begins a check when one is due. Does not wait. */
  look(number: WatchedNumber, now: number): void;
  idle(): Promise<void>;
}

export interface AlarmOptions {
  readonly directory: Directory;
  readonly controls: ServerControls;
  readonly reconciler: Pick<Reconciler, "request">;
  readonly book: NumberBook;
  readonly own: OwnEvents;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly restartFrozen: boolean;
  hookInPlace(scope: TenantScope, instanceId: string): Promise<boolean | undefined>;
  contradicted(number: WatchedNumber, remote: RemoteInstance): Promise<void>;
}

interface Attention {
  /** The last event before the silence that is looked at. */
  readonly eventAt: number;
  checks: number;
  nextAt: number;
}

/** Between two checks of the same silence; the last one repeats. */
const waitsMs: readonly number[] = [5 * 60_000, 10 * 60_000, 20 * 60_000, 30 * 60_000];
const mostAtOnce = 4;
const unansweredMs = 10 * 60_000;
/** Receipts were seen in this time, so that their absence says something. */
const receiptsWithinMs = 7 * 86_400_000;
const peersAtMost = 200;

class Watcher implements Alarm {
  readonly #options: AlarmOptions;
  readonly #attention = new WeakMap<WatchedNumber, Attention>();
  readonly #checks = new Set<Promise<void>>();
  readonly #checking = new Set<WatchedNumber>();

  constructor(options: AlarmOptions) {
    this.#options = options;
  }

  look(number: WatchedNumber, now: number): void {
    if (number.connection.state !== "open" || this.#checking.has(number)) return;
    if (this.#checks.size >= mostAtOnce) return;
    const { eventAt } = number.traffic;
    if (eventAt === 0) return;
    const before = this.#attention.get(number);
    if (before?.eventAt === eventAt && before.nextAt > now) return;
    const silence = silenceOf(number.rhythm, listeningSince(number), now);
    const isSuspect = number.incident !== undefined || silence.level !== "usual";
    if (!isSuspect && unansweredPeopleOf(number, now) === 0) return;
    const checks = before?.eventAt === eventAt ? before.checks + 1 : 0;
    const waitMs = waitsMs[Math.min(checks, waitsMs.length - 1)] ?? 0;
    this.#attention.set(number, { eventAt, checks, nextAt: now + waitMs });
    this.#checking.add(number);
    const check = this.#check(number, silence)
      .catch((error: unknown) => {
        this.#options.logger.error({ err: error }, "a silent number could not be looked into");
      })
      .finally(() => {
        this.#checking.delete(number);
        this.#checks.delete(check);
      });
    this.#checks.add(check);
  }

  async idle(): Promise<void> {
    await Promise.all(this.#checks);
  }

  async #check(number: WatchedNumber, silence: Silence): Promise<void> {
    const { book, clock } = this.#options;
    const scope = { tenantId: number.tenantId };
    const { eventAt } = number.traffic;
    const answer = await askProvider(number, this.#options);
    // Something came by itself meanwhile: there is no silence any more.
    if (number.traffic.eventAt !== eventAt || number.connection.state !== "open") return;
    const instance = await this.#options.directory.instance(scope, number.instanceId);
    if (!instance) return;
    const now = clock.now();
    if (answer.kind === "compared" && unansweredReasons.has(number.incident?.reason ?? "")) {
      endIncident(number, now);
      number.steadySince = now;
    }
    const facts = {
      provider: instance.provider,
      level: silence.level,
      answer,
      // A number that comes by socket alone has no webhook, as it should be.
      hookInPlace:
        instance.source === "socket"
          ? undefined
          : await this.#options.hookInPlace(scope, number.instanceId),
      peers: await this.#peers(number, instance.serverId, now),
      unanswered: unansweredPeopleOf(number, now),
      before: number.incident,
    };
    const finding = findingOf(facts);
    if (finding) await this.#note(number, finding, evidenceOf(number, silence, answer, facts));
    if (number.incident?.kind === "frozen") await this.#restart(number, now);
    book.changed(number);
  }

  async #note(
    number: WatchedNumber,
    finding: Finding,
    evidence: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { incident } = number;
    // A freeze stays one, and what is told stays told.
    if (incident?.kind === finding.kind || incident?.kind === "frozen") return;
    await this.#options.own.finding(number, finding, evidence);
    const since = number.traffic.eventAt;
    number.incident = { ...finding, since, foundAt: this.#options.clock.now(), evidence };
    number.steadySince = undefined;
  }

  /** Other numbers of the server: how many should have been heard of during this silence, and how many were. */
  async #peers(
    number: WatchedNumber,
    serverId: string | undefined,
    now: number,
  ): Promise<{ expected: number; heard: number }> {
    const peers = { expected: 0, heard: 0 };
    if (serverId === undefined) return peers;
    const since = listeningSince(number);
    const scope = { tenantId: number.tenantId };
    const instances = await this.#options.directory.instances(scope, { limit: peersAtMost });
    for (const { id, serverId: theirs } of instances) {
      const peer = this.#options.book.of(id);
      if (theirs !== serverId || !peer || peer === number) continue;
      if (peer.connection.state !== "open") continue;
      if (silenceOf(peer.rhythm, since, now).level === "usual") continue;
      peers.expected++;
      if (peer.traffic.eventAt > since) peers.heard++;
    }
    return peers;
  }

  async #restart(number: WatchedNumber, now: number): Promise<void> {
    const { restartFrozen, directory, controls, logger } = this.#options;
    if (!restartFrozen || mayRestartAt(number.restarts, now) > now) return;
    const at = await numberAtServer(directory, { tenantId: number.tenantId }, number.instanceId);
    if (!at) return;
    let error: string | undefined;
    try {
      await controls.of(at.server, "background").restart(at.instance.providerName);
    } catch (caught) {
      if (!(caught instanceof ProviderApiError)) throw caught;
      error = caught.code;
    }
    const restart = { at: now, ...(error === undefined ? {} : { error }) };
    number.restarts = [...number.restarts, restart].slice(-mostRestarts);
    logger.warn({ instance: number.instanceId, error }, "a frozen number was restarted");
  }
}

/** Since when nothing was heard although somebody listened. */
function listeningSince(number: WatchedNumber): number {
  return Math.max(number.traffic.eventAt, number.steadySince ?? 0);
}

function unansweredPeopleOf(number: WatchedNumber, now: number): number {
  const { unanswered, ackAt } = number.traffic;
  if (!unanswered || now - unanswered.since < unansweredMs) return 0;
  if (ackAt < now - receiptsWithinMs || unanswered.chats.size < unansweredPeople) return 0;
  return unanswered.chats.size;
}

function isoOf(ms: number): string | undefined {
  return ms > 0 ? new Date(ms).toISOString() : undefined;
}

function evidenceOf(
  number: WatchedNumber,
  silence: Silence,
  answer: Answer,
  facts: {
    readonly hookInPlace: boolean | undefined;
    readonly peers: object;
    readonly unanswered: number;
  },
): Readonly<Record<string, unknown>> {
  const { traffic, probe } = number;
  const all = {
    lastEventAt: isoOf(traffic.eventAt),
    lastMessageAt: isoOf(traffic.messageAt),
    lastAckAt: isoOf(traffic.ackAt),
    silentMinutes: Math.floor(silence.ms / 60_000),
    usualActiveMinutes: silence.expected,
    providerSays: probe?.providerState ?? probe?.answer,
    missedEvents: answer.kind === "compared" ? answer.missing : undefined,
    unansweredPeople: facts.unanswered > 0 ? facts.unanswered : undefined,
    webhookInPlace: facts.hookInPlace,
    otherNumbers: facts.peers,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

export function createAlarm(options: AlarmOptions): Alarm {
  return new Watcher(options);
}
