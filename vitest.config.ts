import { defineConfig } from "vitest/config";

/** Packages without state or I/O of their own: their tests share a worker's modules, which halves their time. */
const pure = ["packages/protocol/src/**/*.test.ts", "packages/providers/src/**/*.test.ts"];

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
      { extends: true, test: { name: "pure", include: pure, isolate: false } },
      {
        extends: true,
        test: {
          name: "real",
          include: ["packages/*/src/**/*.test.ts", "e2e/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: ["**/node_modules/**", ...pure],
        },
      },
    ],
  },
});
