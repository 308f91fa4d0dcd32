import { packageOf, resolveImport } from "./resolve-import.ts";
import { limits } from "./rules.ts";
import type { SourceFile } from "./source-file.ts";
import type { Violation } from "./violation.ts";

/** The part of a package.json that the rules read. */
export interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Every package.json, by its folder; "" is the root. */
export type Manifests = Readonly<Record<string, Manifest>>;

/**
 * Every imported package must be declared where it is used: what works by hoisting here breaks where the
 * package is installed alone. Tests may use the root's development packages, e2e and scripts every
 * workspace.
 */
export function checkDeclared(files: readonly SourceFile[], manifests: Manifests): Violation[] {
  return files.flatMap((file) => {
    const folder = workspaceOf(file.path, manifests);
    const declared = declaredFor(file, folder, manifests);
    return file.imports.flatMap((fact) => {
      const target = resolveImport(file.path, fact.specifier);
      if (target.kind === "file" || target.kind === "builtin") return [];
      const name = target.kind === "workspace" ? `@recado/${target.name}` : target.name;
      if (declared.has(name) || manifests[folder]?.name === name) return [];
      const where = folder === "" ? "package.json" : `${folder}/package.json`;
      return [{ at: `${file.path}:${fact.line}`, message: `${name} is not declared in ${where}` }];
    });
  });
}

function workspaceOf(path: string, manifests: Manifests): string {
  const name = packageOf(path);
  if (name !== undefined) return `packages/${name}`;
  const top = path.split("/")[0] ?? "";
  return top in manifests ? top : "";
}

function declaredFor(file: SourceFile, folder: string, manifests: Manifests): ReadonlySet<string> {
  if (folder === "") {
    const workspaces = Object.values(manifests).map((manifest) => manifest.name);
    return new Set([...workspaces, ...(manifests[""] ? names(manifests[""], true) : [])]);
  }
  const own = manifests[folder];
  const root = manifests[""];
  return new Set([
    ...(own ? names(own, file.isTest) : []),
    ...(file.isTest && root ? names(root, true) : []),
  ]);
}

function names(manifest: Manifest, withDevelopment: boolean): string[] {
  return [
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.optionalDependencies ?? {}),
    ...(withDevelopment ? Object.keys(manifest.devDependencies ?? {}) : []),
  ];
}

/** Few commands, few parts, every version exact. */
export function checkManifests(manifests: Manifests): Violation[] {
  const violations: Violation[] = [];
  const scripts = Object.keys(manifests[""]?.scripts ?? {}).length;
  if (scripts > limits.npmScripts) {
    violations.push({
      at: "package.json",
      message: `${scripts} scripts, more than ${limits.npmScripts}`,
    });
  }
  const parts = Object.keys(manifests["packages/gateway"]?.dependencies ?? {}).filter(
    (name) => !name.startsWith("@recado/"),
  ).length;
  if (parts > limits.gatewayDependencies) {
    violations.push({
      at: "packages/gateway/package.json",
      message: `${parts} run-time dependencies from others, more than ${limits.gatewayDependencies}`,
    });
  }
  const options = Object.keys(manifests["packages/gateway"]?.optionalDependencies ?? {}).length;
  if (options > limits.gatewayOptionalDependencies) {
    violations.push({
      at: "packages/gateway/package.json",
      message: `${options} optional dependencies, more than ${limits.gatewayOptionalDependencies}`,
    });
  }
  for (const [folder, manifest] of Object.entries(manifests)) {
    for (const [name, version] of Object.entries({
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.devDependencies,
    })) {
      if (/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) continue;
      violations.push({
        at: `${folder}/package.json`,
        message: `${name} "${version}" is not an exact version`,
      });
    }
  }
  return violations;
}
