import { parseSync } from "oxc-parser";

/** One source file, read once into the facts that the rules ask for. */
export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly lineCount: number;
  readonly isTest: boolean;
  readonly imports: readonly ImportFact[];
  readonly functions: readonly FunctionFact[];
  /** Things that are judged by themselves: each with the line it stands on. */
  readonly findings: readonly Finding[];
}

export interface ImportFact {
  /** As written, for example `../base/clock.ts` or `zod`. */
  readonly specifier: string;
  readonly line: number;
}

export interface FunctionFact {
  readonly name: string;
  readonly line: number;
  readonly lineCount: number;
}

export type FindingKind =
  | "any"
  | "suppression"
  | "default export"
  | "process.env"
  | "global fetch"
  | "sql";

export interface Finding {
  readonly kind: FindingKind;
  readonly line: number;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

const functionTypes = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
]);
const importTypes = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportAllDeclaration",
  "ImportExpression",
  "TSImportType",
]);
const suppression =
  /@ts-(?:ignore|expect-error|nocheck)|(?:eslint|oxlint|biome)[- ](?:disable|ignore)|(?:prettier|oxfmt)-ignore|istanbul ignore|v8 ignore/;
const sqlText =
  /^\s*(?:SELECT\s|INSERT\s+(?:OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(?:UNIQUE\s+)?(?:TABLE|INDEX)\s|ALTER\s+TABLE\s|PRAGMA\s)/;

/** True for tests and for what only tests use. */
export function isTestPath(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /(?:^|\/)testing\//.test(path) || path.startsWith("e2e/");
}

/** Parses `text`; throws when it is not TypeScript or JavaScript. */
export function parseSource(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text);
  const [broken] = parsed.errors;
  if (broken) throw new Error(`${path} cannot be parsed: ${broken.message}`);
  const lineOf = lineIndex(text);
  const imports: ImportFact[] = [];
  const functions: FunctionFact[] = [];
  const findings: Finding[] = [];
  for (const comment of parsed.comments) {
    if (suppression.test(comment.value)) {
      findings.push({ kind: "suppression", line: lineOf(comment.start) });
    }
  }
  walk(parsed.program as unknown as Node, undefined, (node, parent) => {
    const line = lineOf(node.start);
    const specifier = importTypes.has(node.type) ? literal(node["source"]) : undefined;
    if (specifier !== undefined) imports.push({ specifier, line });
    if (functionTypes.has(node.type)) {
      functions.push({
        name: nameOf(node, parent),
        line,
        lineCount: lineOf(node.end) - line + 1,
      });
    }
    const kind = judge(node, parent);
    if (kind !== undefined) findings.push({ kind, line });
  });
  const lineCount = lineOf(text.length) - (text.endsWith("\n") ? 1 : 0);
  return { path, lineCount, isTest: isTestPath(path), imports, functions, findings };
}

function judge(node: Node, parent: Node | undefined): FindingKind | undefined {
  switch (node.type) {
    case "TSAnyKeyword":
      return "any";
    case "ExportDefaultDeclaration":
      return "default export";
    case "MemberExpression":
      return isName(node["object"], "process") && memberName(node) === "env"
        ? "process.env"
        : undefined;
    case "ImportSpecifier":
      return isName(node["imported"], "env") &&
        /^(?:node:)?process$/.test(literal(parent?.["source"]) ?? "")
        ? "process.env"
        : undefined;
    case "CallExpression":
      return isName(node["callee"], "fetch") ? "global fetch" : undefined;
    case "Literal":
      return typeof node["value"] === "string" && sqlText.test(node["value"]) ? "sql" : undefined;
    case "TemplateElement":
      return sqlText.test((node["value"] as { raw: string }).raw) ? "sql" : undefined;
    default:
      return undefined;
  }
}

function walk(
  node: Node,
  parent: Node | undefined,
  visit: (node: Node, parent: Node | undefined) => void,
): void {
  visit(node, parent);
  for (const member of Object.values(node)) {
    for (const child of Array.isArray(member) ? member : [member]) {
      if (isNode(child)) walk(child, node, visit);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

function isName(value: unknown, name: string): boolean {
  return isNode(value) && value["name"] === name;
}

function memberName(node: Node): string | undefined {
  const property = node["property"];
  if (!isNode(property)) return undefined;
  if (node["computed"] === true) return literal(property);
  return typeof property["name"] === "string" ? property["name"] : undefined;
}

function literal(value: unknown): string | undefined {
  return isNode(value) && typeof value["value"] === "string" ? value["value"] : undefined;
}

function nameOf(node: Node, parent: Node | undefined): string {
  for (const candidate of [node["id"], parent?.["id"], parent?.["key"]]) {
    if (isNode(candidate) && typeof candidate["name"] === "string") return candidate["name"];
  }
  return "a function without a name";
}

function lineIndex(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
