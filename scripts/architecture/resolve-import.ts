import { posix } from "node:path";

/** What an import names: a file of this repository, or a package. */
export type ImportTarget =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "workspace"; readonly name: string }
  | { readonly kind: "package"; readonly name: string }
  | { readonly kind: "builtin"; readonly name: string };

const scope = "@recado/";

/** Resolves a specifier as written in `from`, without looking at the disk. */
export function resolveImport(from: string, specifier: string): ImportTarget {
  if (specifier.startsWith(".")) {
    return { kind: "file", path: posix.normalize(posix.join(posix.dirname(from), specifier)) };
  }
  if (specifier.startsWith("node:")) return { kind: "builtin", name: specifier };
  if (specifier.startsWith(scope)) {
    return { kind: "workspace", name: specifier.slice(scope.length).split("/")[0] ?? "" };
  }
  const parts = specifier.split("/");
  return {
    kind: "package",
    name: specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? ""),
  };
}

/** `packages/<name>/…` → `<name>`; undefined outside the packages. */
export function packageOf(path: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(path)?.[1];
}
