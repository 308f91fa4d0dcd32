import type { FakeWaha } from "../waha/fake-waha.ts";
import type { WahaIncoming } from "../waha/life/incoming.ts";
import type { WahaMe } from "../waha/waha-webhook.ts";
import { picture } from "./picture.ts";
import type { Scanned, Simulated, SimulatedMessage } from "./simulated.ts";

/** Codes after which WhatsApp does not let the device in again. */
const loggedOut = 401;
const banned = 403;

function incoming({ image = false, ...message }: SimulatedMessage): WahaIncoming {
  if (!image) return message;
  return { ...message, media: { kind: "image", bytes: picture, mimetype: "image/png" } };
}

function accountOf({ phone, profileName }: Scanned, known?: WahaMe): WahaMe | undefined {
  if (phone === undefined && profileName === undefined) return known;
  const id = phone === undefined ? (known?.id ?? "5511900000101@c.us") : `${phone}@c.us`;
  const pushName = profileName ?? known?.pushName;
  return { id, ...(pushName === undefined ? {} : { pushName }) };
}

/** A fake WAHA in the words of {@link Simulated}. `accounts` scan a session's code when nobody is named. */
export function simulatedWaha(
  fake: FakeWaha,
  accounts: ReadonlyMap<string, WahaMe> = new Map(),
): Simulated {
  const { phone, trouble } = fake;
  return {
    provider: "waha",
    url: fake.url,
    numbers: () =>
      Object.entries(fake.states()).map(([name, state]) => ({
        name,
        state,
        connected: state === "WORKING",
        messages: fake.messages(name).length,
        webhooks: fake.webhooksOf(name).map(({ url }) => url),
      })),
    messages: (name) => fake.messages(name).map(({ payload }) => payload),
    calls: () => fake.calls.byRoute(),
    scan: (name, who) =>
      phone.scan(name, accountOf(who, fake.accountOf(name) ?? accounts.get(name))),
    nextCode: (name) => phone.nextCode(name),
    open: (name) => phone.open(name),
    close(name, code) {
      if (code === loggedOut) phone.logout(name);
      else if (code === banned) phone.ban(name);
      else phone.drop(name, code);
    },
    flap: (name) => phone.flap(name),
    receive: (name, message) => fake.receive(name, incoming(message)),
    emit: (name, event, data) => fake.emit(name, [event], data),
    perform: (name, cast, happening) => fake.perform(name, cast, happening),
    freeze: (name) => trouble.freeze(name),
    thaw: (name) => trouble.thaw(name),
    drift: (name, url) => fake.setWebhooks(name, url === null ? [] : [{ url, events: ["*"] }]),
    lose: (count, name, channel) =>
      trouble.lose(count, name, channel === "both" ? undefined : channel),
    fail: (fault) => trouble.fail(fault),
    setLatency: (ms) => trouble.setLatency(ms),
    setKey: (key) => trouble.setApiKey(key),
    setNetwork: (reachable) => (reachable ? trouble.restoreNetwork() : trouble.cutNetwork()),
    stop: () => trouble.stop(),
    start: (missed) => trouble.start({ missed }),
  };
}
