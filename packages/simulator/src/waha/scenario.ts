import type { DeliveryReport } from "../sending/attempt.ts";
import type { Cast, Happening } from "../traffic/happening.ts";
import type { WahaWorld } from "./http/waha-world.ts";
import { type IncomingMessage, incomingMessage } from "./incoming-message.ts";
import type { WahaContact } from "./mailbox/address-book.ts";
import type { StoredMessage } from "./mailbox/stored-message.ts";
import type { FakeSession, FakeWahaSession } from "./session/fake-session.ts";
import type { WahaConfig } from "./session/session-config.ts";
import type { Telling } from "./telling.ts";
import { wahaAct } from "./waha-traffic.ts";
import type { WahaMe, WahaWebhook } from "./waha-webhook.ts";

type Reports = Promise<readonly DeliveryReport[]>;

/** What happens to sessions from outside of the API: on the phone, at WhatsApp, by another client. */
export interface WahaScenario {
  /** Something happened on a session, under one or more event names. */
  emit(session: string, events: readonly string[], payload: unknown): Reports;
  /** Somebody writes. While the session is not connected the message waits, and comes when it is again. */
  receive(session: string, message: IncomingMessage): Reports;
  /** Something of a story happens: `startTraffic` performs whole stories with it. */
  perform(session: string, cast: Cast, happening: Happening): Reports;
  /** A message that is in the lists although nobody is ever told of it. */
  keep(session: string, payload: unknown): void;
  /** A session changed its status: announced, and listed from now on. `me` when it became known. */
  changeStatus(session: string, status: string, me?: WahaMe | null, data?: unknown): Reports;

  /** Adds a session as if it had been made before. */
  create(session: FakeWahaSession): void;
  /** Sets a session's webhooks without the restart that a PUT brings, behind everybody's back. */
  setWebhooks(session: string, webhooks: readonly WahaWebhook[]): void;
  /** The same for the whole configuration; null as if never set, undefined as after a PUT without one. */
  setConfig(session: string, config: WahaConfig | null | undefined): void;

  /** The code is scanned, or its pairing code entered: STARTING, then WORKING as `account`. */
  scan(session: string, account: WahaMe): void;
  /** The code that waits to be scanned; null when none does. */
  code(session: string): string | null;
  /** The connection drops: STARTING until `connect`. `statusCode` is the engine's reason. Default 428. */
  drop(session: string, statusCode?: number): void;
  /** The connection is there again: WORKING, or a code when the session is not paired. */
  connect(session: string): void;
  /** WhatsApp cannot be reached: STARTING every 2 s, FAILED after sixty. */
  loop(session: string): void;
  /** The device was removed on the phone: FAILED, and a restart asks for a code. */
  logOutOnPhone(session: string): void;
  /** WhatsApp refuses the account: FAILED, and a restart asks for a code. */
  ban(session: string): void;
  /** The status stays, messages only reach the lists, until the session is started again or `false`. */
  freeze(session: string, frozen?: boolean): void;
  /** The next `deliveries` to a webhook of the session are lost without an attempt. */
  lose(session: string, deliveries: number): void;

  learnLid(session: string, lid: string, phone: string): void;
  saveContact(session: string, contact: WahaContact): void;
  /** Serves a media file; returns its address. */
  addFile(session: string, name: string, bytes: Uint8Array, mimetype: string): string;
  /** How things really are, to compare a record with. */
  truth(): WahaTruth;
}

export interface WahaTruth {
  readonly sessions: Readonly<Record<string, WahaSessionTruth>>;
}

export interface WahaSessionTruth {
  readonly status: string;
  readonly account: WahaMe | null;
  readonly config: WahaConfig | null | undefined;
  readonly frozen: boolean;
  /** All messages in the order of their arrival, in the state of now. */
  readonly messages: readonly StoredMessage[];
}

/** Reasons in the engine's numbers. */
const reasons = { connectionClosed: 428, loggedOut: 401, banned: 403 } as const;

function truthOf({ status, account, config, frozen, mailbox }: FakeSession): WahaSessionTruth {
  return { status, account, config, frozen, messages: mailbox.messages() };
}

export function createWahaScenario(world: WahaWorld, telling: Telling): WahaScenario {
  const { sessions, lifecycle, files, clock } = world;
  const texts = world.random.fork("incoming");

  /** A name that does not exist is a mistake of the scenario. */
  function find(name: string): FakeSession {
    const session = sessions.get(name);
    if (!session) throw new RangeError(`the fake WAHA has no session "${name}"`);
    return session;
  }

  function addFile(name: string, file: string, bytes: Uint8Array, mimetype: string): string {
    return world.baseUrl() + files.save(name, file, bytes, mimetype);
  }

  return {
    emit: async (name, events, payload) => telling.emit(find(name), events, payload),
    async receive(name, message) {
      const { events, payload, file } = incomingMessage(message, clock.now(), texts);
      if (!file) return telling.deliver(find(name), events, payload);
      const { bytes, mimetype, filename = null } = file.media;
      const url = addFile(name, file.name, bytes, mimetype);
      const media = { url, filename, mimetype };
      return telling.deliver(find(name), events, { ...payload, media });
    },
    async perform(name, cast, happening) {
      const session = find(name);
      const act = wahaAct(cast, happening, clock.now(), texts);
      if (act.kind === "event") return telling.deliver(session, act.events, act.payload);
      if (act.me) session.account = act.me;
      if (act.status === "WORKING") session.me = session.account;
      return telling.announce(session, act.status);
    },
    keep: (name, payload) => find(name).mailbox.keep(payload),
    async changeStatus(name, status, me, data) {
      const session = find(name);
      if (me !== undefined) session.me = me;
      if (me) session.account = me;
      return telling.announce(session, status, data);
    },
    create: (given) => void world.create(given),
    setWebhooks(name, webhooks) {
      const session = find(name);
      session.config = { ...session.config, webhooks };
    },
    setConfig(name, config) {
      find(name).config = config;
    },
    scan: (name, account) => lifecycle.scan(find(name), account),
    code: (name) => find(name).qr,
    drop: (name, code = reasons.connectionClosed) => lifecycle.drop(find(name), code),
    connect: (name) => lifecycle.connect(find(name)),
    loop: (name) => lifecycle.loop(find(name)),
    logOutOnPhone: (name) => lifecycle.fail(find(name), reasons.loggedOut, true),
    ban: (name) => lifecycle.fail(find(name), reasons.banned, true),
    freeze(name, frozen = true) {
      find(name).frozen = frozen;
    },
    lose: (name, deliveries) => telling.lose(find(name).name, deliveries),
    learnLid: (name, lid, phone) => find(name).mailbox.book.learnLid(lid, phone),
    saveContact: (name, contact) => find(name).mailbox.book.saveContact(contact),
    addFile,
    truth: () => ({
      sessions: Object.fromEntries([...sessions].map(([name, one]) => [name, truthOf(one)])),
    }),
  };
}
