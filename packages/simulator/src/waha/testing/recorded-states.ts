import type { FakeWaha, FakeWahaOptions } from "../fake-waha.ts";
import type { FakeWahaSession } from "../session/fake-session.ts";
import { recordedConfig, recordedMessageEvents, recordedPair } from "./recorded-pair.ts";

/** The states in which the recordings were made, and which were made in each. */
export interface RecordedState {
  readonly options: Omit<FakeWahaOptions, "apiKey">;
  /** What happened before. */
  readonly prepare?: (fake: FakeWaha) => Promise<unknown> | void;
  readonly pairs: readonly string[];
}

const me = { id: "5511900000101@c.us", pushName: "Loja Teste", lid: "111000000000101@lid" };
const single = (session?: Omit<FakeWahaSession, "name">): RecordedState["options"] => ({
  singleSession: true,
  sessions: session ? [{ name: "default", ...session }] : [],
});
const current = (
  sessions: readonly FakeWahaSession[],
  more: Partial<FakeWahaOptions> = {},
): RecordedState["options"] => ({ version: "2026.7.1", engine: "GOWS", ...more, sessions });

const running = recordedConfig("session-get-working");
const stopped = recordedConfig("session-get-stopped-with-config");
const named = recordedConfig("session-create-named-current");

/** Messages of the lists whose webhooks were not recorded, each once. */
function otherMessages(): readonly unknown[] {
  const lists = ["default-params", "download-media", "filter-fromMe", "filter-timestamp"];
  return lists.flatMap((name) => recordedPair(`messages-list-${name}`).response.body as unknown[]);
}

/** The lists count a third message that neither a webhook nor a list shows. */
const third = {
  id: "false_5511900000009@c.us_3EB0RECADO0000000003",
  timestamp: 1_795_561_063,
  body: "terceira",
};

/** The recorded webhooks, as they came; then what only the lists show. */
async function tellMessages(fake: FakeWaha): Promise<void> {
  for (const { event, payload } of recordedMessageEvents())
    await fake.emit("default", [event], payload);
  const edited = "false_5511900000009@c.us_3EB0RECADO0000000001";
  await fake.emit("default", ["message.ack"], { id: edited, fromMe: false, ack: 3 });
  for (const message of [...otherMessages(), third]) fake.keep("default", message);
}

const picture = Buffer.concat([
  Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"),
  Buffer.alloc(54),
]);

const never: RecordedState[] = [
  {
    options: single({}),
    pairs: `version version-legacy ping-no-key health-no-key server-status err-401-no-key
      err-401-wrong-key err-401-authorization-bearer err-401-query-key-before-2026-4 err-401-file-no-key
      err-400-malformed-json err-404-route err-404-file keys-list err-422-keys-create
      sessions-list-empty sessions-list-all-stopped session-get-stopped session-update-put-stopped
      session-update-put-without-config err-400-webhook-bad-url err-400-webhook-no-events
      err-400-webhook-retry-policy err-400-webhook-unknown-event err-404-me-stopped
      err-404-request-code-stopped err-422-qr-stopped err-422-create-exists err-422-core-only-default
      err-422-get-other-session-core err-422-messages-other-session err-400-send-text-no-session`.split(
      /\s+/,
    ),
  },
  {
    options: single(),
    pairs: `err-404-logout-deleted err-404-session-get-deleted err-404-start-deleted
      err-404-update-deleted session-delete-again session-delete session-stop-deleted
      sessions-list-all-deleted session-create-and-start session-create-stopped-after-delete-quirk
      err-422-qr-deleted`.split(/\s+/),
  },
  {
    options: single({ config: stopped }),
    pairs: ["session-get-stopped-with-config", "session-stop-again", "session-start"],
  },
  {
    options: single({ config: stopped }),
    prepare: (fake) => fake.setConfig("default", undefined),
    pairs: ["session-get-config-wiped"],
  },
];

const onTheWay: RecordedState[] = [
  {
    options: single({ status: "STARTING", config: running }),
    pairs: ["session-get-starting", "err-422-qr-starting", "err-422-screenshot-starting"],
  },
  {
    options: single({ status: "STARTING", config: running }),
    prepare: (fake) => fake.phone.open("default"),
    pairs: `sessions-list-scan-qr session-get-scan-qr qr-base64 qr-binary qr-image-accept-png qr-raw
      qr-raw-accept-any request-code err-422-request-code-method screenshot-qr me-null
      session-update-put-running`.split(/\s+/),
  },
  {
    options: single({ status: "FAILED", config: running }),
    pairs: ["session-get-failed", "err-422-qr-failed", "session-restart"],
  },
  {
    options: single({ status: "STARTING", config: stopped }),
    pairs: ["session-get-after-logout"],
  },
  {
    options: single({ status: "FAILED", config: recordedConfig("session-get-failed-unreachable") }),
    pairs: ["session-get-failed-unreachable"],
  },
  {
    options: single({
      status: "STARTING",
      config: recordedConfig("real-session-get-unreachable"),
    }),
    pairs: ["real-session-get-unreachable", "real-session-stop"],
  },
];

const working: RecordedState[] = [
  {
    options: single({ me, config: stopped }),
    pairs: ["session-stop", "session-logout-working", "session-delete-running"],
  },
  {
    options: single({ me, config: running }),
    pairs: `session-get-working sessions-list-working me-working err-422-qr-working
      err-422-request-code-working err-422-screenshot-working err-422-start-twice chats chats-overview
      contact-check-exists contact-get contact-profile-picture contacts-all groups-list labels-list
      err-400-messages-filter-ack err-400-messages-limit err-404-message-by-id send-text send-reaction
      err-422-send-image-plus err-500-send-text-empty`.split(/\s+/),
  },
  {
    options: single({ me, config: running }),
    prepare: (fake) => fake.learnLid("default", "222000000000009@lid", "5511900000009@c.us"),
    pairs: `lid-by-pn lid-by-pn-not-found lid-found lid-not-found lid-number-only lids-count
      lids-list`.split(/\s+/),
  },
  {
    options: { ...single({ me, config: running }), baseUrl: "http://localhost:18600" },
    prepare: tellMessages,
    pairs: `message-by-id message-by-id-plain messages-legacy messages-list messages-list-all-chats
      messages-list-default-params messages-list-download-media messages-list-filter-ack
      messages-list-filter-fromMe messages-list-filter-timestamp messages-list-offset
      messages-list-unknown-chat`.split(/\s+/),
  },
  {
    options: single({ me }),
    prepare: (fake) =>
      void fake.addFile("default", "3EB0RECADO0000000005.jpeg", picture, "image/jpeg"),
    pairs: ["file-download"],
  },
];

const scoped = {
  id: "key_id_00000000000000000000000001",
  key: "key_TESTSESSIONKEY0000000000000000",
  session: "loja-01",
};
const apps = (recordedPair("session-list-expand-apps").response.body as { apps: unknown[] }).apps;
const passkey = (name: string): unknown => recordedPair(name).response.body;

const many: RecordedState[] = [
  {
    options: current([]),
    pairs: ["auth-query-key", "session-create-named-current", "err-404-session-current"],
  },
  {
    options: current([{ name: "loja-01", me, config: named, apps }], { keys: [scoped] }),
    pairs: ["session-list-expand-apps", "keys-list-current", "keys-media", "err-403-session-key"],
  },
  {
    options: current([
      { name: "loja-01", me, config: named },
      { name: "loja-02", status: "SCAN_QR_CODE", config: named },
      { name: "loja-03", config: named },
      { name: "loja-04", status: "PASSKEY_REQUIRED", config: named },
    ]),
    pairs: ["sessions-list-many-current"],
  },
  {
    options: current([{ name: "default", me }], { notOnWhatsApp: ["5511900000999"] }),
    prepare: (fake) =>
      fake.saveContact("default", { id: "5511900000009@c.us", name: "Maria Teste" }),
    pairs: `contact-check-exists-no contact-get-found send-text-gows err-422-passkey-challenge
      err-422-passkey-confirmation`.split(/\s+/),
  },
  {
    options: current([{ name: "default", status: "STARTING" }]),
    prepare: (fake) =>
      fake.changeStatus("default", "PASSKEY_REQUIRED", null, passkey("passkey-challenge")),
    pairs: ["passkey-challenge"],
  },
  {
    options: current([{ name: "default", status: "STARTING" }]),
    prepare: (fake) =>
      fake.changeStatus(
        "default",
        "PASSKEY_CONFIRMATION_REQUIRED",
        null,
        passkey("passkey-confirmation"),
      ),
    pairs: ["passkey-confirmation"],
  },
  {
    options: current([{ name: "default", me }], { engine: "WEBJS" }),
    pairs: ["screenshot-webjs-base64"],
  },
];

export const recordedStates: readonly RecordedState[] = [
  ...never,
  ...onTheWay,
  ...working,
  ...many,
];
