import type { Random } from "../../random.ts";
import type { Cast, Happening } from "../../traffic/happening.ts";
import type { WahaWorld } from "../http/waha-world.ts";
import type { WahaContact } from "../mailbox/address-book.ts";
import type { StoredMessage } from "../mailbox/stored-message.ts";
import type { FakeSession, FakeWahaSession } from "../session/fake-session.ts";
import type { WahaConfig } from "../session/session-config.ts";
import { wahaAct } from "../waha-traffic.ts";
import type { WahaMe, WahaWebhook } from "../waha-webhook.ts";
import { incoming, type WahaIncoming } from "./incoming.ts";
import type { Reports } from "./phone.ts";
import type { Telling } from "./telling.ts";

/** What happens on sessions and what is known of them, past the management API. */
export interface WahaHappenings {
  /** Adds a session as if it had been made before. */
  create(session: FakeWahaSession): void;
  /** Something happened on a session, under one or more event names. */
  emit(session: string, events: readonly string[], payload: unknown): Reports;
  /** Somebody writes. While the session is not connected the message waits, and comes when it is again. */
  receive(session: string, message: WahaIncoming): Reports;
  /** Something of a story happens: `startTraffic` performs whole stories with it. */
  perform(session: string, cast: Cast, happening: Happening): Reports;
  /** A message that is in the lists although nobody is ever told of it. */
  keep(session: string, payload: unknown): void;
  /** A session changed its status: announced, and listed from now on. `me` when it became known. */
  changeStatus(session: string, status: string, me?: WahaMe | null, data?: unknown): Reports;
  /** Sets a session's webhooks without the restart that a PUT brings, behind everybody's back. */
  setWebhooks(session: string, webhooks: readonly WahaWebhook[]): void;
  /** The same for the whole configuration; null as if never set, undefined as after a PUT without one. */
  setConfig(session: string, config: WahaConfig | null | undefined): void;
  learnLid(session: string, lid: string, phone: string): void;
  saveContact(session: string, contact: WahaContact): void;
  /** Serves a media file; returns its address. */
  addFile(session: string, name: string, bytes: Uint8Array, mimetype: string): string;

  /** The status of each session. */
  states(): Readonly<Record<string, string>>;
  /** All messages in the order of their arrival, in the state of now. */
  messages(session: string): readonly StoredMessage[];
  /** The webhooks that a session has now. */
  webhooksOf(session: string): readonly WahaWebhook[];
  /** The account that a session is paired with. */
  accountOf(session: string): WahaMe | null;
}

/** Everything that the lists can hold of what waits, and what is told at once. */
export function createHappenings(
  world: WahaWorld,
  telling: Telling,
  find: (name: string) => FakeSession,
  random: Random,
): WahaHappenings {
  const { sessions, files, clock } = world;

  const addFile = (name: string, file: string, bytes: Uint8Array, mimetype: string): string =>
    world.baseUrl() + files.save(name, file, bytes, mimetype);

  async function perform(name: string, cast: Cast, happening: Happening) {
    const session = find(name);
    const act = wahaAct(cast, happening, clock.now(), random);
    if (act.kind === "event") return telling.deliver(session, act.events, act.payload);
    if (act.me) session.account = act.me;
    if (act.status === "WORKING") session.me = session.account;
    return telling.announce(session, act.status);
  }

  return {
    create: (given) => void world.create(given),
    emit: async (name, events, payload) => telling.emit(find(name), events, payload),
    async receive(name, message) {
      const { events, payload, file } = incoming(message, clock.now(), random);
      if (!file) return telling.deliver(find(name), events, payload);
      const { bytes, mimetype, filename = null } = file.media;
      const url = addFile(name, file.name, bytes, mimetype);
      const media = { url, filename, mimetype };
      return telling.deliver(find(name), events, { ...payload, media });
    },
    perform,
    keep: (name, payload) => find(name).mailbox.keep(payload),
    async changeStatus(name, status, me, data) {
      const session = find(name);
      if (me !== undefined) session.me = me;
      if (me) session.account = me;
      return telling.announce(session, status, data);
    },
    setWebhooks(name, webhooks) {
      const session = find(name);
      session.config = { ...session.config, webhooks };
    },
    setConfig(name, config) {
      find(name).config = config;
    },
    learnLid: (name, lid, phone) => find(name).mailbox.book.learnLid(lid, phone),
    saveContact: (name, contact) => find(name).mailbox.book.saveContact(contact),
    addFile,
    states: () => Object.fromEntries([...sessions].map(([name, { status }]) => [name, status])),
    messages: (name) => find(name).mailbox.messages(),
    webhooksOf: (name) => find(name).config?.webhooks ?? [],
    accountOf: (name) => find(name).account,
  };
}
