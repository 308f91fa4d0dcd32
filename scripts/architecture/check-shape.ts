import { posix } from "node:path";
import { emptyNames, findingOwners, limits } from "./rules.ts";
import type { SourceFile } from "./source-file.ts";
import type { Violation } from "./violation.ts";

/** Sizes of files, functions and folders. */
export function checkSizes(files: readonly SourceFile[]): Violation[] {
  return [
    ...files
      .filter((file) => file.lineCount > limits.linesPerFile)
      .map((file) => ({
        at: file.path,
        message: `has ${file.lineCount} lines, more than ${limits.linesPerFile}; split the decisions from the runner`,
      })),
    ...files.filter((file) => !file.isTest).flatMap(longFunctions),
    ...fullFolders(files),
    ...highMedian(files),
  ];
}

function longFunctions(file: SourceFile): Violation[] {
  return file.functions
    .filter((fact) => fact.lineCount > limits.linesPerFunction)
    .map((fact) => ({
      at: `${file.path}:${fact.line}`,
      message: `${fact.name} has ${fact.lineCount} lines, more than ${limits.linesPerFunction}; name its steps`,
    }));
}

function fullFolders(files: readonly SourceFile[]): Violation[] {
  const counts = new Map<string, number>();
  for (const file of files) {
    if (file.isTest) continue;
    const folder = posix.dirname(file.path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > limits.filesPerFolder)
    .map(([folder, count]) => ({
      at: folder,
      message: `has ${count} source files, more than ${limits.filesPerFolder}; group them by the step they serve`,
    }));
}

function highMedian(files: readonly SourceFile[]): Violation[] {
  const sizes = files
    .filter((file) => !file.isTest)
    .map((file) => file.lineCount)
    .toSorted((left, right) => left - right);
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0;
  return median <= limits.medianLines
    ? []
    : [
        {
          at: "packages",
          message: `the median file has ${median} lines, more than ${limits.medianLines}`,
        },
      ];
}

/** Names of files and folders, and the endings of relative imports. */
export function checkNames(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => [
    ...file.path.split("/").flatMap((segment) => nameProblem(file.path, segment)),
    ...file.imports
      .filter(
        (fact) => /^\.\.?\//.test(fact.specifier) && !/\.(?:ts|tsx|mjs|json)$/.test(fact.specifier),
      )
      .map((fact) => ({
        at: `${file.path}:${fact.line}`,
        message: `"${fact.specifier}" must end in .ts: the sources run as they are`,
      })),
  ]);
}

function nameProblem(path: string, segment: string): Violation[] {
  const stem = segment.split(".")[0] ?? "";
  const empty = stem.split("-").find((word) => (emptyNames as readonly string[]).includes(word));
  if (empty !== undefined) {
    return [{ at: path, message: `"${empty}" says nothing; name it for the one thing it holds` }];
  }
  return /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(stem)
    ? []
    : [{ at: path, message: `"${segment}" is not kebab-case` }];
}

/** Uses of the language that are forbidden, or that one folder owns. */
export function checkFindings(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) =>
    file.findings.flatMap((finding) => {
      const at = `${file.path}:${finding.line}`;
      const message = findingMessage(file, finding.kind);
      return message === undefined ? [] : [{ at, message }];
    }),
  );
}

function findingMessage(
  file: SourceFile,
  kind: SourceFile["findings"][number]["kind"],
): string | undefined {
  switch (kind) {
    case "any":
      return "`any` switches the types off from here on; use `unknown` and narrow it";
    case "suppression":
      return "a silenced finding is never looked at again; repair its cause";
    case "default export":
      return /(?:^|\/)[^/]+\.config\.ts$/.test(file.path)
        ? undefined
        : "a default export has a different name everywhere; export it by name";
    default: {
      if (file.isTest || !file.path.startsWith("packages/")) return undefined;
      const rule = findingOwners.find((candidate) => candidate.kind === kind);
      return rule?.owners.some((owner) => file.path.startsWith(owner)) ? undefined : rule?.message;
    }
  }
}
