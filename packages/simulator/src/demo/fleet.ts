import type { ProviderName } from "@recado/protocol";
import type { Clock } from "../clock.ts";
import { evolutionEvents } from "../evolution/evolution-traffic.ts";
import { type FakeEvolution, startFakeEvolution } from "../evolution/fake-evolution.ts";
import type { Random } from "../random.ts";
import type { DeliveryReport } from "../sending/attempt.ts";
import { createCast } from "../traffic/cast.ts";
import type { Cast } from "../traffic/happening.ts";
import { tellStory } from "../traffic/story.ts";
import type { Performance } from "../traffic/traffic.ts";
import { type FakeWaha, startFakeWaha } from "../waha/fake-waha.ts";
import { wahaAct, wahaMe } from "../waha/waha-traffic.ts";
import type { GatewayApi } from "./gateway-api.ts";

/** The demo's numbers and the two fake servers that they live on. */
export interface DemoNumber {
  readonly name: string;
  readonly provider: ProviderName;
  readonly profileName: string;
  /** Begins with a QR code. */
  readonly unpaired?: true;
}

export const demoNumbers: readonly DemoNumber[] = [
  { name: "loja-centro", provider: "evolution", profileName: "Loja Centro Teste" },
  { name: "suporte", provider: "evolution", profileName: "Suporte Exemplo" },
  { name: "vendas", provider: "evolution", profileName: "Vendas Modelo", unpaired: true },
  { name: "clinica", provider: "waha", profileName: "Clínica Exemplo" },
  { name: "delivery", provider: "waha", profileName: "Delivery Teste" },
];

export interface FleetOptions {
  readonly random: Random;
  /** Tells this run's message ids from another's. */
  readonly run: string;
  readonly perMinute: number;
  readonly clock: Clock;
  readonly onReport: (report: DeliveryReport) => void;
}

export interface Fleet {
  readonly evolution: FakeEvolution;
  readonly waha: FakeWaha;
  /** Registers the two servers at the gateway, which adopts their numbers. */
  enlist(api: GatewayApi): Promise<void>;
  readonly performances: readonly Performance[];
  close(): Promise<void>;
}

const evolutionKey = "DEMO-EVOLUTION-KEY";
const wahaKey = "demo-waha-key-0001";
/** Names of the two servers at the gateway. */
export const serverNames = { evolution: "Evolution API (demo)", waha: "WAHA (demo)" } as const;

interface Member extends DemoNumber {
  readonly cast: Cast;
}

async function enlist(api: GatewayApi, evolution: FakeEvolution, waha: FakeWaha): Promise<void> {
  await api.adopt(serverNames.evolution, "evolution", evolution.url, evolutionKey);
  await api.adopt(serverNames.waha, "waha", waha.url, wahaKey);
}

/** Starts the two servers; nothing happens on them until the performances are played. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { random, clock, onReport } = options;
  const members: readonly Member[] = demoNumbers.map((number, index) => ({
    ...number,
    cast: createCast(index, number.profileName, random.fork(`cast/${number.name}`)),
  }));
  const on = (provider: ProviderName): readonly Member[] =>
    members.filter((member) => member.provider === provider);
  const sending = { clock, disorderMs: 30 };
  const evolution = await startFakeEvolution({
    ...sending,
    apikey: evolutionKey,
    random: random.fork("evolution"),
    instances: on("evolution").map(({ name, profileName, unpaired, cast }) =>
      unpaired ? { name } : { name, profileName, owner: `${cast.me.phone}@s.whatsapp.net` },
    ),
  });
  const waha = await startFakeWaha({
    ...sending,
    apiKey: wahaKey,
    random: random.fork("waha"),
    sessions: on("waha").map(({ name, cast }) => ({ name, me: wahaMe(cast) })),
  });
  const tell = (reports: Promise<readonly DeliveryReport[]>): void =>
    void reports.then((done) => done.forEach(onReport));

  function performance({ name, provider, cast, unpaired }: Member): Performance {
    const stream = random.fork(`story/${name}`);
    const story = tellStory(cast, stream, {
      perMinute: options.perMinute,
      run: options.run,
      unpaired: unpaired === true,
    });
    const bytes = stream.fork("bytes");
    if (provider === "evolution") {
      const number = { name, instanceId: evolution.idOf(name), cast };
      return {
        story,
        perform: (happening, now) =>
          evolutionEvents(number, happening, now, bytes).forEach((event) =>
            tell(evolution.emit(name, event)),
          ),
      };
    }
    return {
      story,
      perform(happening, now) {
        const act = wahaAct(cast, happening, now, bytes);
        if (act.kind === "status") tell(waha.changeStatus(name, act.status, act.me));
        else tell(waha.emit(name, act.events, act.payload));
      },
    };
  }

  return {
    evolution,
    waha,
    enlist: (api) => enlist(api, evolution, waha),
    performances: members.map(performance),
    async close() {
      await Promise.all([evolution.close(), waha.close()]);
    },
  };
}
