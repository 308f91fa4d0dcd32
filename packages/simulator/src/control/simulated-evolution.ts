import type { FakeEvolution } from "../evolution/fake-evolution.ts";
import type { EvolutionIncoming } from "../evolution/life/incoming.ts";
import type { Simulated, SimulatedMessage } from "./simulated.ts";

const whatsApp = "s.whatsapp.net";

function incoming({ image = false, text, ...message }: SimulatedMessage): EvolutionIncoming {
  if (!image) return { ...message, ...(text === undefined ? {} : { text }) };
  return { ...message, image: text === undefined ? {} : { caption: text } };
}

/** A fake Evolution in the words of {@link Simulated}. */
export function simulatedEvolution(fake: FakeEvolution): Simulated {
  const { phone, trouble } = fake;
  return {
    provider: "evolution",
    url: fake.url,
    numbers: () =>
      Object.entries(fake.states()).map(([name, state]) => {
        const webhook = fake.webhookOf(name);
        return {
          name,
          state,
          connected: state === "open",
          messages: fake.messages(name).length,
          webhooks: webhook?.enabled === true ? [webhook.url] : [],
        };
      }),
    messages: (name) => fake.messages(name),
    calls: () => fake.calls.byRoute(),
    scan(name, { phone: digits, profileName }) {
      return phone.scan(name, {
        ...(digits === undefined ? {} : { owner: `${digits}@${whatsApp}` }),
        ...(profileName === undefined ? {} : { profileName }),
      });
    },
    nextCode: (name) => phone.nextCode(name),
    open: (name) => phone.open(name),
    close: (name, code) => phone.drop(name, code),
    flap: (name, count) => phone.flap(name, count),
    receive: (name, message) => fake.receive(name, incoming(message)),
    emit: (name, event, data) => fake.emit(name, { event, data }),
    perform: (name, cast, happening) => fake.perform(name, cast, happening),
    freeze: (name) => trouble.freeze(name),
    thaw: (name) => trouble.thaw(name),
    drift(name, url) {
      if (url === null) fake.removeWebhook(name);
      else fake.setWebhook(name, { enabled: true, url, events: [] });
    },
    lose: (count, name, channel) => trouble.lose(count, name, channel),
    fail: (fault) => trouble.fail(fault),
    setLatency: (ms) => trouble.setLatency(ms),
    setKey: (key) => trouble.setApikey(key),
    setNetwork: (reachable) => (reachable ? trouble.restoreNetwork() : trouble.cutNetwork()),
    stop: () => trouble.stop(),
    start: (missed) =>
      new Promise((resolve, reject) => {
        trouble.start({ missed, onListening: () => resolve() }).catch(reject);
      }),
  };
}
