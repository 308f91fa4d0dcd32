import { compressedClock, type Demo, startDemo } from "@recado/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  adminKey,
  allEvents,
  api,
  startGateway,
  temporaryFolder,
  type GatewayProcess,
} from "./gateway-process.ts";

let gateway: GatewayProcess;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  gateway = await startGateway(folder.path);
});
afterAll(async () => {
  await gateway.stop();
  await folder.remove();
});

/** A demo at twenty times its pace, until what it counts satisfies `enough`. */
async function play(
  enough: (progress: Demo["progress"]) => boolean,
): Promise<{ readonly demo: Demo; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const reached = Promise.withResolvers<void>();
  let check = (): void => {};
  const demo = await startDemo({
    baseUrl: gateway.url,
    adminKey,
    seed: 1,
    language: "pt",
    clock: compressedClock(20),
    progressMs: 1_000,
    write: (line) => {
      lines.push(line);
      check();
    },
  });
  check = () => enough(demo.progress) && reached.resolve();
  await reached.promise;
  return { demo, lines };
}

const names = async (path: string): Promise<string[]> => {
  const { data } = await api<{ data: { name: string }[] }>(gateway.url, "GET", path);
  return data.map(({ name }) => name).toSorted();
};

const numbers = ["clinica", "delivery", "loja-centro", "suporte", "vendas"];

// What the demo sends goes through a whole gateway: on a busy machine that takes its time.
describe("the demo", { timeout: 60_000 }, () => {
  it("fills the log from both providers and both destinations hear of it", async () => {
    const { demo, lines } = await play(
      ({ received, failedOnPurpose, sent }) => sent > 200 && received > 200 && failedOnPurpose > 2,
    );
    expect(demo.progress).toMatchObject({ refused: 0, badSignatures: 0 });
    const events = await allEvents(gateway.url);
    const types = new Set(events.map(({ type }) => type));
    for (const type of ["message.received", "message.sent", "message.acked", "presence.updated"])
      expect(types).toContain(type);
    for (const type of ["instance.qr_updated", "instance.connection_changed"])
      expect(types).toContain(type);
    expect(types).not.toContain("provider.event");
    expect(new Set(events.flatMap(({ instance }) => instance?.name ?? []))).toEqual(
      new Set(numbers),
    );
    expect(lines[0]).toContain("semente 1");
    await demo.stop();
  });

  it("stopping leaves no destination behind", async () => {
    const { data } = await api<{ data: unknown[] }>(gateway.url, "GET", "/endpoints");
    expect(data).toEqual([]);
  });

  it("a second demo takes over the numbers of the first", async () => {
    const before = (await allEvents(gateway.url)).length;
    const { demo } = await play(({ received, sent }) => sent > 50 && received > 50);
    expect(demo.progress.refused).toBe(0);
    await demo.stop();
    expect(await names("/instances")).toEqual(numbers);
    expect(await names("/servers")).toEqual(["Evolution API (demo)", "WAHA (demo)"]);
    expect((await allEvents(gateway.url)).length).toBeGreaterThan(before);
  });
});
