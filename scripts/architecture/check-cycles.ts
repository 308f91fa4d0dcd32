import { resolveImport } from "./resolve-import.ts";
import type { SourceFile } from "./source-file.ts";
import type { Violation } from "./violation.ts";

/**
 * Import cycles, type imports included: a type cycle is a design cycle, and the next edit turns it into a
 * real one. Reports one shortest cycle through each strongly connected group.
 */
export function checkCycles(files: readonly SourceFile[]): Violation[] {
  const graph = importGraph(files);
  const reported = new Set<string>();
  const violations: Violation[] = [];
  for (const start of graph.keys()) {
    if (reported.has(start)) continue;
    const cycle = shortestCycle(graph, start);
    if (cycle === undefined) continue;
    for (const path of cycle) reported.add(path);
    violations.push({
      at: start,
      message: `imports itself through ${[...cycle.slice(1), start].join(" → ")}; move what both need into a file below them`,
    });
  }
  return violations;
}

function importGraph(files: readonly SourceFile[]): Map<string, string[]> {
  const known = new Set(files.map((file) => file.path));
  return new Map(
    files.map((file) => {
      const targets = file.imports.map((fact) => target(file.path, fact.specifier));
      return [
        file.path,
        targets.filter((path) => path !== undefined && known.has(path)) as string[],
      ];
    }),
  );
}

function target(from: string, specifier: string): string | undefined {
  const resolved = resolveImport(from, specifier);
  if (resolved.kind === "file") return resolved.path;
  return resolved.kind === "workspace" ? `packages/${resolved.name}/src/index.ts` : undefined;
}

/** Breadth first from `start` back to `start`. */
function shortestCycle(
  graph: ReadonlyMap<string, readonly string[]>,
  start: string,
): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const path of queue) {
    for (const next of graph.get(path) ?? []) {
      if (next === start) return trail(cameFrom, start, path);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, path);
      queue.push(next);
    }
  }
  return undefined;
}

function trail(cameFrom: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const path: string[] = [];
  for (let at: string | undefined = end; at !== undefined && at !== start; at = cameFrom.get(at)) {
    path.unshift(at);
  }
  return [start, ...path];
}
