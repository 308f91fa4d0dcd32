import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { providerNames } from "@recado/protocol";
import type { Manifest, Manifests } from "./check-manifests.ts";
import { parseSource, type SourceFile } from "./source-file.ts";

export const root = dirname(dirname(import.meta.dirname));
const skipped = new Set(["node_modules", "dist", "fixtures", ".cache"]);

/** Every TypeScript file of the repository, and the scripts in JavaScript. */
export function readSources(): SourceFile[] {
  return ["packages", "bench", "e2e", "scripts", "deploy"]
    .flatMap((folder) => listFiles(folder))
    .filter((path) => /\.(?:ts|tsx|mjs)$/.test(path) && !path.endsWith(".d.ts"))
    .map((path) => parseSource(path, readFileSync(join(root, path), "utf8")));
}

/** Every package.json, by folder. */
export function readManifests(): Manifests {
  const folders = ["", "bench", ...listFolders("packages").map((name) => `packages/${name}`)];
  return Object.fromEntries(
    folders
      .filter((folder) => existsSync(join(root, folder, "package.json")))
      .map((folder) => [
        folder,
        JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest,
      ]),
  );
}

/** The pages under docs/errors, without the index. */
export function readErrorPages(): string[] {
  return listFiles("docs/errors")
    .filter((path) => path.endsWith(".md") && !path.endsWith("/README.md"))
    .map((path) => path.slice("docs/errors/".length, -".md".length));
}

/** The source files at the top of each provider's folder; what lies in its subfolders is its own matter. */
export function readProviderFolders(): Record<string, string[]> {
  const base = "packages/providers/src";
  return Object.fromEntries(
    providerNames.map((name) => {
      const names = readdirSync(join(root, base, name));
      return [name, names.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))];
    }),
  );
}

function listFolders(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !skipped.has(entry.name))
    .map((entry) => entry.name);
}

function listFiles(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}
