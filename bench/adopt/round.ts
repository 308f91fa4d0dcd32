import type { ProviderName } from "@recado/protocol";
import { startFakeEvolution, startFakeWaha, type CallLog } from "@recado/simulator";
import { adminKey, startServer } from "../ingest/server-process.ts";

/** Which servers are adopted together, and how they answer. */
export interface Setup {
  readonly title: string;
  /** Numbers of each server. */
  readonly servers: readonly { readonly provider: ProviderName; readonly numbers: number }[];
  /** Before each answer of a server. */
  readonly latencyMs: number;
  /** Whether WAHA holds a change of a running session for 3 s, as the real one does. */
  readonly isHeld: boolean;
}

export interface Round {
  /** From the first registration until every webhook stands and was read back. */
  readonly seconds: number;
  /** Most calls of one server within a second. */
  readonly peakPerSecond: number;
  readonly calls: number;
}

interface Fake {
  readonly url: string;
  readonly calls: CallLog;
  /** Numbers whose webhook begins with this address. */
  adoptedBy(url: string): number;
  close(): Promise<void>;
}

const providerKey = "bench-provider-key";

async function startFake(provider: ProviderName, numbers: number, setup: Setup): Promise<Fake> {
  const { latencyMs, isHeld } = setup;
  const names = Array.from({ length: numbers }, (_, index) => `number-${index}`);
  if (provider === "evolution") {
    const instances = names.map((name, index) => ({
      name,
      owner: `55119${String(index).padStart(8, "0")}@s.whatsapp.net`,
      state: "open" as const,
    }));
    const fake = await startFakeEvolution({ apikey: providerKey, instances, latencyMs });
    return {
      url: fake.url,
      calls: fake.calls,
      adoptedBy: (url) => names.filter((name) => fake.webhookOf(name)?.url.startsWith(url)).length,
      close: () => fake.close(),
    };
  }
  const sessions = names.map((name, index) => ({
    name,
    status: "WORKING",
    me: { id: `55119${String(index).padStart(8, "0")}@c.us`, pushName: name },
  }));
  const fake = await startFakeWaha({ apiKey: providerKey, sessions, latencyMs, pauses: isHeld });
  return {
    url: fake.url,
    calls: fake.calls,
    adoptedBy: (address) =>
      names.filter((name) => fake.webhooksOf(name).some(({ url }) => url.startsWith(address)))
        .length,
    close: () => fake.close(),
  };
}

async function call<T>(url: string, path: string, body: unknown): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: "POST",
    headers: { apikey: adminKey, "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(280_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

interface Synchronised {
  readonly state: string;
  readonly failed: number;
}

/** Registers a server and resolves when all of it is adopted; throws when anything was not. */
async function adopt(url: string, provider: ProviderName, baseUrl: string): Promise<void> {
  const { id } = await call<{ readonly id: string }>(url, "/servers", {
    provider,
    baseUrl,
    apiKey: providerKey,
  });
  // Registering began it: this joins what runs.
  const sync = await call<Synchronised>(url, `/servers/${id}/sync`, { wait: true });
  if (sync.state !== "done" || sync.failed > 0)
    throw new Error(`not everything was adopted: ${JSON.stringify(sync)}`);
}

/** A fresh gateway adopts a setup. Throws unless every number's webhook leads to it afterwards. */
export async function adoptOnce(setup: Setup, core: number | undefined): Promise<Round> {
  const gateway = await startServer("recado", 0, core);
  const fakes: Fake[] = [];
  try {
    for (const { provider, numbers } of setup.servers)
      fakes.push(await startFake(provider, numbers, setup));
    const before = performance.now();
    await Promise.all(
      setup.servers.map(({ provider }, index) =>
        adopt(gateway.url, provider, fakes[index]?.url ?? ""),
      ),
    );
    const seconds = (performance.now() - before) / 1_000;
    const port = new URL(gateway.url).port;
    setup.servers.forEach(({ provider, numbers }, index) => {
      const adopted = fakes[index]?.adoptedBy(`http://localhost:${port}/`) ?? 0;
      if (adopted !== numbers)
        throw new Error(`${provider}: ${adopted} of ${numbers} were adopted`);
    });
    return {
      seconds,
      peakPerSecond: Math.max(...fakes.map(({ calls }) => calls.peak(1_000))),
      calls: fakes.reduce((sum, { calls }) => sum + calls.count(), 0),
    };
  } finally {
    await gateway.stop();
    for (const fake of fakes) await fake.close();
  }
}
