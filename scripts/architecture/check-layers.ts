import { resolveImport, packageOf } from "./resolve-import.ts";
import {
  gatewayModules,
  packageExceptions,
  packageLayers,
  packageOwners,
  restrictedModules,
} from "./rules.ts";
import type { ImportFact, SourceFile } from "./source-file.ts";
import type { Violation } from "./violation.ts";

const gatewaySources = "packages/gateway/src/";

/** Layers between packages, and packages with a single owner. */
export function checkPackageLayers(files: readonly SourceFile[]): Violation[] {
  return eachImport(files, (file, fact) => {
    const own = packageOf(file.path);
    if (own === undefined) return undefined;
    const target = resolveImport(file.path, fact.specifier);
    if (target.kind === "file") {
      const other = packageOf(target.path);
      return other === own
        ? undefined
        : `"${fact.specifier}" leaves the package; import "@recado/${other ?? "…"}" by name, so that what is public stays visible`;
    }
    if (target.kind !== "workspace") return undefined;
    const allowed = packageLayers[own];
    if (allowed === undefined)
      return `packages/${own} has no layer; add it to packageLayers in rules.ts`;
    if (target.name === own || allowed.includes(target.name)) return undefined;
    if (file.isTest && target.name === "simulator") return undefined;
    const excepted = packageExceptions.some(
      (rule) => rule.to === target.name && file.path.startsWith(rule.from),
    );
    return excepted
      ? undefined
      : `${own} may import ${allowed.join(", ") || "no other package"}, not ${target.name}; move what both need into the lower one`;
  });
}

/** Modules inside the gateway. Tests may build real parts of every level. */
export function checkGatewayLayers(files: readonly SourceFile[]): Violation[] {
  const sources = files.filter((file) => file.path.startsWith(gatewaySources) && !file.isTest);
  return eachImport(sources, (file, fact) => {
    const target = resolveImport(file.path, fact.specifier);
    if (target.kind !== "file" || !target.path.startsWith(gatewaySources)) return undefined;
    const from = moduleOf(file.path);
    const to = moduleOf(target.path);
    if (!from)
      return `${file.path} belongs to no module; add its folder to gatewayModules in rules.ts`;
    if (!to)
      return `${target.path} belongs to no module; add its folder to gatewayModules in rules.ts`;
    if (from.name === to.name) return undefined;
    const restricted = restrictedModules.find((rule) => rule.name === to.name);
    if (restricted && !restricted.importers.includes(from.name)) {
      return `only ${restricted.importers.join(", ")} import ${to.name}: ${restricted.because}`;
    }
    if (to.level < from.level || from.beside?.includes(to.name)) return undefined;
    return `${from.name} (level ${from.level}) may not import ${to.name} (level ${to.level}); pass it in as an option, or move what both need into a lower module`;
  });
}

/** Packages that one folder owns. */
export function checkPackageOwners(files: readonly SourceFile[]): Violation[] {
  const sources = files.filter((file) => file.path.startsWith(gatewaySources) && !file.isTest);
  return eachImport(sources, (file, fact) => {
    const target = resolveImport(file.path, fact.specifier);
    if (target.kind !== "package" && target.kind !== "builtin") return undefined;
    const rule = packageOwners.find((candidate) => candidate.packages.includes(target.name));
    return rule === undefined || file.path.startsWith(rule.owner)
      ? undefined
      : `only ${rule.owner} imports ${target.name}: ${rule.because}`;
  });
}

function moduleOf(path: string): (typeof gatewayModules)[number] | undefined {
  const rest = path.slice(gatewaySources.length);
  return gatewayModules.find(
    (module) => rest === module.name || rest.startsWith(`${module.name}/`),
  );
}

function eachImport(
  files: readonly SourceFile[],
  judge: (file: SourceFile, fact: ImportFact) => string | undefined,
): Violation[] {
  return files.flatMap((file) =>
    file.imports.flatMap((fact) => {
      const message = judge(file, fact);
      return message === undefined ? [] : [{ at: `${file.path}:${fact.line}`, message }];
    }),
  );
}
