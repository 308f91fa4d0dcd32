import { errorCatalogue } from "@recado/protocol";
import { describe, expect, test } from "vitest";
import { checkCycles } from "./architecture/check-cycles.ts";
import {
  checkGatewayLayers,
  checkPackageLayers,
  checkPackageOwners,
} from "./architecture/check-layers.ts";
import { checkDeclared, checkManifests, type Manifests } from "./architecture/check-manifests.ts";
import { checkErrorPages, checkProviderFolders } from "./architecture/check-pairs.ts";
import { checkFindings, checkNames, checkSizes } from "./architecture/check-shape.ts";
import {
  readErrorPages,
  readManifests,
  readProviderFolders,
  readSources,
} from "./architecture/read-tree.ts";
import { limits } from "./architecture/rules.ts";
import { parseSource } from "./architecture/source-file.ts";
import { describeViolations, type Violation } from "./architecture/violation.ts";

function expectNone(violations: readonly Violation[]): void {
  expect(describeViolations(violations)).toBe("");
}

describe("the tree keeps its rules", () => {
  const files = readSources();
  const manifests = readManifests();

  test("packages import only those below them", () => expectNone(checkPackageLayers(files)));
  test("the gateway's modules import only those below them", () =>
    expectNone(checkGatewayLayers(files)));
  test("undici, Socket.IO and SQLite each have one owner", () =>
    expectNone(checkPackageOwners(files)));
  test("no file imports itself, not even through types", () => expectNone(checkCycles(files)));
  test("files, functions and folders stay small", () => expectNone(checkSizes(files)));
  test("names say what is inside", () => expectNone(checkNames(files)));
  test("no any, no silenced finding, no default export; environment, SQL and fetch in one place", () =>
    expectNone(checkFindings(files)));
  test("every imported package is declared where it is used", () =>
    expectNone(checkDeclared(files, manifests)));
  test("few commands, few parts, exact versions", () => expectNone(checkManifests(manifests)));
  test("each error code has a page and each page a code", () =>
    expectNone(checkErrorPages(Object.keys(errorCatalogue), readErrorPages())));
  test("providers have the same files", () =>
    expectNone(checkProviderFolders(readProviderFolders())));
});

describe("each rule refuses what breaks it", () => {
  const sources = (texts: Readonly<Record<string, string>>) =>
    Object.entries(texts).map(([path, text]) => parseSource(path, text));
  const src = "packages/gateway/src";

  test("a lower package that imports a higher one", () => {
    const files = sources({
      "packages/protocol/src/a.ts": `import type { X } from "@recado/gateway";`,
    });
    expect(checkPackageLayers(files)).toMatchObject([{ at: "packages/protocol/src/a.ts:1" }]);
  });

  test("a relative path into another package", () => {
    const files = sources({
      "packages/gateway/src/a.ts": `export * from "../../protocol/src/event.ts";`,
    });
    expect(checkPackageLayers(files)).toHaveLength(1);
  });

  test("a new package without a layer", () => {
    const files = sources({ "packages/extra/src/a.ts": `import "@recado/protocol";` });
    expect(describeViolations(checkPackageLayers(files))).toContain("packageLayers");
  });

  test.each([
    ["fanout", "ingest"],
    ["ingest", "deliver"],
    ["deliver", "fanout"],
    ["base", "log"],
    ["log", "ingest"],
    ["access", "log"],
    ["ingest", "api"],
    ["api", "compat"],
    ["ingest", "config"],
    ["log", "store/sqlite"],
    ["store/contract", "store/sqlite"],
    ["health", "cli"],
  ])("%s that imports %s", (from, to) => {
    const up = "../".repeat(from.split("/").length);
    const files = sources({ [`${src}/${from}/a.ts`]: `type T = import("${up}${to}/b.ts").T;` });
    expect(checkGatewayLayers(files)).toHaveLength(1);
  });

  test("a module that no rule knows", () => {
    const files = sources({ [`${src}/novel/a.ts`]: `import "../base/clock.ts";` });
    expect(describeViolations(checkGatewayLayers(files))).toContain("gatewayModules");
  });

  test("undici outside outbound, Socket.IO outside fanout, SQLite outside the store", () => {
    const files = sources({
      [`${src}/deliver/a.ts`]: `import type { Agent } from "undici";`,
      [`${src}/compat/a.ts`]: `const io = await import("socket.io");`,
      [`${src}/log/a.ts`]: `import { DatabaseSync } from "node:sqlite";`,
      [`${src}/outbound/a.ts`]: `import { Agent } from "undici";`,
    });
    expect(checkPackageOwners(files)).toHaveLength(3);
  });

  test("a cycle that closes through a type, a re-export and another package", () => {
    const files = sources({
      "packages/providers/src/index.ts": `export * from "./a.ts";`,
      "packages/providers/src/a.ts": `import type { B } from "./b.ts";`,
      "packages/providers/src/b.ts": `import { a } from "@recado/providers";`,
      "packages/providers/src/c.ts": `import "./a.ts";`,
    });
    expect(checkCycles(files)).toEqual([
      expect.objectContaining({
        message: expect.stringContaining("packages/providers/src/b.ts") as string,
      }),
    ]);
  });

  test("a long file, a long function, a full folder", () => {
    const long = `export function slow() {\n${"  work();\n".repeat(limits.linesPerFunction)}}\n`;
    const folder = Array.from({ length: limits.filesPerFolder + 1 }, (_, index) => [
      `${src}/log/f${index}.ts`,
      "",
    ]);
    const files = sources({
      [`${src}/base/long.ts`]: "work();\n".repeat(limits.linesPerFile + 1),
      [`${src}/base/slow.ts`]: long,
      ...Object.fromEntries(folder),
    });
    expect(checkSizes(files).map((violation) => violation.at)).toEqual([
      `${src}/base/long.ts`,
      `${src}/base/slow.ts:1`,
      `${src}/log`,
    ]);
  });

  test("a file of exactly the allowed length passes, and so do many tests in a folder", () => {
    const tests = Array.from({ length: 40 }, (_, index) => [`${src}/log/f${index}.test.ts`, ""]);
    const whole = "work();\n".repeat(limits.linesPerFile);
    const short = { [`${src}/base/b.ts`]: "", [`${src}/base/c.ts`]: "" };
    const files = sources({ [`${src}/base/a.ts`]: whole, ...short, ...Object.fromEntries(tests) });
    expectNone(checkSizes(files));
  });

  test("a tree whose median file is long", () => {
    const files = sources({
      "packages/protocol/src/a.ts": "work();\n".repeat(limits.medianLines + 1),
    });
    expect(describeViolations(checkSizes(files))).toContain("median");
  });

  test.each([
    "http-utils.ts",
    "helpers/a.ts",
    "common/a.ts",
    "event-manager.ts",
    "log-service.ts",
    "EventLog.ts",
  ])("the name %s", (name) =>
    expect(checkNames(sources({ [`${src}/log/${name}`]: "" }))).not.toHaveLength(0),
  );

  test("a relative import without .ts", () => {
    expect(checkNames(sources({ [`${src}/log/a.ts`]: `import "./b.js";` }))).toHaveLength(1);
  });

  test.each([
    ["any", "const a: any = 1;"],
    ["any in a generic", "const a = new Map<string, any>();"],
    ["ts-ignore", "// @ts-ignore\nwork();"],
    ["ts-expect-error", "/* @ts-expect-error */ work();"],
    ["a disabled lint rule", "// oxlint-disable-next-line no-console\nwork();"],
    ["a default export", "export default 1;"],
    ["the environment", "const a = process.env.HOME;"],
    ["the environment by index", `const a = process["env"];`],
    ["the environment by import", `import { env } from "node:process";`],
    ["global fetch", `await fetch("http://example.com");`],
    ["SQL in a string", `db.exec("PRAGMA journal_mode = WAL");`],
    ["SQL in a template", "const q = `\n  SELECT 1 FROM t`;"],
  ])("%s", (_name, text) => {
    expect(checkFindings(sources({ [`${src}/log/a.ts`]: text }))).toHaveLength(1);
  });

  test("the owners of the environment and of SQL may use them, and tests may", () => {
    expectNone(
      checkFindings(
        sources({
          [`${src}/config/a.ts`]: "const a = process.env;",
          [`${src}/store/sqlite/a.ts`]: "const q = `SELECT 1`;",
          [`${src}/log/a.test.ts`]: `await fetch("http://127.0.0.1");`,
          "vitest.config.ts": "export default 1;",
        }),
      ),
    );
  });

  test("a package that is not declared, and a development package in the server", () => {
    const manifests: Manifests = {
      "": { name: "root", devDependencies: { vitest: "1.0.0" } },
      "packages/gateway": {
        name: "@recado/gateway",
        dependencies: { zod: "1.0.0" },
        optionalDependencies: { option: "1.0.0" },
        devDependencies: { dev: "1.0.0" },
      },
    };
    const files = sources({
      [`${src}/log/a.ts`]: `import "zod/v4"; import "option"; import "left-pad"; import "dev"; import "vitest"; import "@scope/pkg/deep";`,
      [`${src}/log/a.test.ts`]: `import "dev"; import "vitest"; import "node:fs";`,
    });
    expect(checkDeclared(files, manifests)).toHaveLength(4);
  });

  test("too many scripts, too many parts, a version range", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, "1.0.0"]));
    const violations = checkManifests({
      "": {
        name: "root",
        scripts: many(limits.npmScripts + 1),
        devDependencies: { vitest: "^1.0.0" },
      },
      "packages/gateway": {
        name: "@recado/gateway",
        dependencies: many(limits.gatewayDependencies + 1),
        optionalDependencies: { option: "~1.0.0", ...many(limits.gatewayOptionalDependencies) },
      },
    });
    expect(violations).toHaveLength(5);
  });

  test("a code without a page and a page without a code", () => {
    expect(checkErrorPages(["a", "b"], ["b", "c"]).map((violation) => violation.at)).toEqual([
      "docs/errors/a.md",
      "docs/errors/c.md",
    ]);
  });

  test("a provider that lacks another's file", () => {
    expect(
      checkProviderFolders({ evolution: ["index.ts", "api.ts"], waha: ["index.ts"] }),
    ).toHaveLength(1);
  });

  test("a file that cannot be parsed is an error, not an empty file", () => {
    expect(() => parseSource("a.ts", "export {")).toThrow("a.ts cannot be parsed");
  });
});
