import { defineConfig } from "vitest/config";

export default defineConfig({
  // Workspaces resolve to their TypeScript sources: no build step stands between an edit and its test.
  resolve: { conditions: ["@recado/source"] },
  ssr: { resolve: { conditions: ["@recado/source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "e2e/**/*.test.ts", "scripts/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
