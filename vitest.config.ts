import { defineConfig } from "vitest/config";

export default defineConfig({
  // Workspaces resolve to their TypeScript sources: no build step stands between an edit and its test.
  resolve: { conditions: ["@recado/source"] },
  ssr: { resolve: { conditions: ["@recado/source"] } },
  test: {
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        // Modules are loaded once per worker, not once per file: that was more than half of the time. What a
        // module remembers is therefore seen by the next file, as it is in a process that runs for months.
        test: { name: "units", include: ["packages/*/src/**/*.test.ts"], isolate: false },
      },
      {
        extends: true,
        test: { name: "whole", include: ["e2e/**/*.test.ts", "scripts/**/*.test.ts"] },
      },
    ],
  },
});
