import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import * as protocol from "@recado/protocol";
import { describe, expect, test } from "vitest";
import { settings } from "../packages/gateway/src/config/index.ts";
import { root } from "./setup.mjs";

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true })
    .map((name) => `docs/${String(name)}`)
    .filter((name) => name.endsWith(".md")),
];
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const all = pages.map((path) => ({ path, text: read(path) }));

/** Headings as the anchors that a link can name. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#{1,4} (.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replaceAll(/[^\w\s-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-"),
  );
}

function linksOf({ path, text }: { path: string; text: string }): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? "")
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : normalize(join(dirname(path), file));
      return anchor === undefined ? target : `${target}#${anchor}`;
    });
}

/** Everything that `pattern` finds on any page, with the page it stands on. */
function named(pattern: RegExp): { path: string; name: string }[] {
  return all.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map((match) => ({ path, name: match[1] ?? "" })),
  );
}

function expectKnown(
  found: readonly { path: string; name: string }[],
  isKnown: (name: string) => boolean,
): void {
  const unknown = found.filter(({ name }) => !isKnown(name));
  expect(unknown.map(({ path, name }) => `${path}: ${name}`)).toEqual([]);
}

describe("documents are true", () => {
  test("every link leads somewhere, its anchor included", () => {
    const links = all.flatMap((page) => linksOf(page).map((name) => ({ path: page.path, name })));
    expectKnown(links, (link) => {
      const [file = "", anchor] = link.split("#");
      if (!existsSync(join(root, file))) return false;
      return anchor === undefined || anchorsOf(read(file)).includes(anchor);
    });
  });

  test("every npm command exists", () => {
    const manifest = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    expectKnown(named(/\bnpm run ([a-z]+)/g), (name) => name in manifest.scripts);
  });

  test("every test and bench that is named exists", () => {
    expectKnown(named(/npm test -- ([\w./-]+)/g), (path) => existsSync(join(root, path)));
    const isBench = (name: string): boolean => existsSync(join(root, "bench", name, "index.ts"));
    expectKnown(named(/npm run bench -- ([a-z]+)/g), isBench);
  });

  test("every JSON example is JSON", () => {
    expectKnown(named(/^```json\n([\s\S]*?)^```/gm), (block) => {
      const whole = block.trimStart().startsWith('"') ? `{${block}}` : block;
      try {
        return JSON.parse(whole) !== undefined;
      } catch {
        return false;
      }
    });
  });

  test("docs/events.md has exactly the vocabulary, in its order", () => {
    const rows = [...read("docs/events.md").matchAll(/^\| `([a-z]+\.[a-z_]+)` \|/gm)];
    expect(rows.map((match) => match[1])).toEqual([...protocol.eventTypes]);
  });

  test("docs/events.md names every kind of content", () => {
    const kinds = protocol.contentSchema.options.map((option) => option.shape.kind.value);
    for (const kind of kinds) expect(read("docs/events.md")).toContain(`\`${kind}\``);
  });

  test("every route of /api/v1 exists", () => {
    const routes = Object.values(protocol)
      .flatMap((exported) => (isRouteTable(exported) ? Object.values(exported) : []))
      .map(({ path }) => path.replaceAll(/:\w+/g, ":id"));
    expectKnown(named(/\/api\/v1(\/(?!openapi)[a-z][\w/:<>-]*)/g), (name) =>
      routes.includes(name.replaceAll(/<\w+>|:\w+|(?<=instances\/)minha-loja/g, ":id")),
    );
  });

  test("every setting that is named exists", () => {
    const known = new Set<string>(
      Object.values(settings).flatMap((setting) => [setting.name, ...setting.aliases]),
    );
    expectKnown(named(/`([A-Z][A-Z_]+)=[^`]*`/g), (name) => known.has(name));
  });
});

type RouteTable = Readonly<Record<string, { readonly path: string; readonly method: string }>>;

function isRouteTable(value: unknown): value is RouteTable {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).length > 0 &&
    Object.values(value).every(
      (one: unknown) => typeof one === "object" && one !== null && "path" in one && "method" in one,
    )
  );
}
