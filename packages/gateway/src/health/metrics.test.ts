import { expect, it } from "vitest";
import { createMetrics, type MetricSources } from "./metrics.ts";

function sources(files: MetricSources["files"]): MetricSources {
  return {
    ingest: () => ({
      accepted: 3,
      events: 2,
      unrecognised: 1,
      duplicates: {},
      notStored: { coalesced: 0, shed: 0 },
      refused: {},
    }),
    sockets: () => ({ connectedClients: 1, closedTooSlow: 0 }),
    deliveries: () => ({ inFlight: 0, succeeded: 0, failed: 0 }),
    numbers: () => ({ states: {}, incidents: {}, incomplete: 0, unanswered: 0 }),
    store: () => ({ state: "well", refusedWrites: 0 }),
    providerSockets: () => ({}),
    files,
  };
}

it("files that are kept are shown by where they are, as they are at the moment of asking", async () => {
  let use: ReturnType<MetricSources["files"]>;
  const { text } = await createMetrics(sources(() => use))();
  // Before they were counted nothing is said of them: a zero would look like a loss.
  expect(await text()).not.toMatch(/^recado_media_\w+[{ ]/m);
  use = { kind: "folder", files: 7, bytes: 1_048_576 };
  await text();
  use = { kind: "bucket", files: 8, bytes: 2_097_152 };
  const lines = (await text()).split("\n").filter((line) => line.startsWith("recado_media_"));
  expect(lines).toEqual([
    'recado_media_files{place="bucket"} 8',
    'recado_media_bytes{place="bucket"} 2097152',
  ]);
});
