import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Instance } from "../../store/contract/index.ts";
import { createWatchStage, scope, type WatchStage } from "./testing/watch-stage.ts";
import type { NumberWatch } from "./watch.ts";

/** Situations from public reports; the fixtures say where from. */
const zoo = new URL("../../../../providers/src/", import.meta.url);

interface Situation {
  readonly requests: readonly {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | { readonly instance?: string; readonly session?: string };
  }[];
}

function situation(provider: string, file: string): Situation {
  const path = new URL(`${provider}/fixtures/zoo/${file}.json`, zoo);
  return JSON.parse(readFileSync(path, "utf8")) as Situation;
}

let stage: WatchStage;
let watch: NumberWatch;
beforeEach(async () => {
  stage = await createWatchStage();
  watch = await stage.watch();
});
afterEach(() => stage.close());

/** Sends the bodies as the provider did, one after the other. Every answer must be 2xx. */
async function send(instance: Instance, { requests }: Situation, round = 0): Promise<void> {
  for (const { body } of requests) {
    const text = typeof body === "string" ? body : JSON.stringify({ ...body, round });
    const answer = await fetch(stage.ingestUrl(instance), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: text,
    });
    expect(answer.ok).toBe(true);
  }
}

describe("what people reported", () => {
  it("a storm of connection updates is one row with the true state at its end", async () => {
    const loja = await stage.addInstance("loja-centro", "evolution");
    const storm = situation("evolution", "010-evo-connection-storm");
    for (let round = 0; round < 10; round++) {
      stage.clock.forward(1_000);
      await send(loja, storm, round);
    }
    await stage.forwardUntil(() => watch.stateOf(loja.id) === "open", 60_000);
    const { connection, storm: flapping, sentence } = await watch.health(scope, loja.id);
    expect(connection?.history).toHaveLength(1);
    expect(flapping?.changes).toBe(connection?.counts.changes);
    expect(sentence.pt).toMatch(/^Conectado: instável/);
  });

  it("a WAHA session that asks for its code ends as connecting, whatever came before it", async () => {
    const name = "4cb1c3bd-ea50-48e8-848b-7a6986c654a6";
    const session = await stage.addInstance(name, "waha");
    await send(session, situation("waha", "061-waha-qr-state-change-me-null"));
    await stage.forwardUntil(() => watch.stateOf(session.id) === "connecting", 60_000);
    const { connection } = await watch.health(scope, session.id);
    expect(connection?.providerState).toBe("SCAN_QR_CODE");
    expect(connection?.history.map(({ state }) => state)).toEqual([
      "connecting",
      "open",
      "connecting",
    ]);
    expect(connection?.codes?.count).toBeGreaterThanOrEqual(1);
  });
});
