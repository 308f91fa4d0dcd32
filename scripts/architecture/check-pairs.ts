import type { Violation } from "./violation.ts";

/** Each error code has a page, and each page a code. */
export function checkErrorPages(codes: readonly string[], pages: readonly string[]): Violation[] {
  return [
    ...codes
      .filter((code) => !pages.includes(code))
      .map((code) => ({
        at: `docs/errors/${code}.md`,
        message: "is missing: say what it means and what to do",
      })),
    ...pages
      .filter((page) => !codes.includes(page))
      .map((page) => ({
        at: `docs/errors/${page}.md`,
        message: "explains a code that packages/protocol/src/errors.ts does not have",
      })),
  ];
}

/** Every provider's folder has the same files, so that who knows one can find their way in the other. */
export function checkProviderFolders(
  folders: Readonly<Record<string, readonly string[]>>,
): Violation[] {
  const all = new Set(Object.values(folders).flat());
  return Object.entries(folders).flatMap(([folder, names]) =>
    [...all]
      .filter((name) => !names.includes(name))
      .map((name) => ({
        at: `packages/providers/src/${folder}/${name}`,
        message:
          "exists for another provider and is missing here; use the same name for the same step",
      })),
  );
}
