/**
 * The rules of the tree, as data. Each carries the sentence that a failure shows: what to edit, and why.
 */

/** What each workspace may import of the others. Tests may also use the simulator. */
export const packageLayers: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  providers: ["protocol"],
  gateway: ["protocol", "providers"],
  simulator: ["protocol", "providers"],
};

/** Single exceptions to {@link packageLayers}: importing folder, package, and the reason. */
export const packageExceptions: readonly { from: string; to: string; because: string }[] = [
  {
    from: "packages/gateway/src/cli/",
    to: "simulator",
    because: "`recado demo` starts the simulated servers",
  },
];

/**
 * The modules of the gateway, lowest first. A module may import those of lower levels, never one of its
 * own level or above, except where `beside` names it. `fanout`, `deliver` and `ingest` meet in the log
 * alone: an import between them would make a second path for events, around the disk.
 */
export const gatewayModules: readonly {
  name: string;
  level: number;
  beside?: readonly string[];
}[] = [
  { name: "base", level: 0 },
  { name: "version.ts", level: 0 },
  { name: "config", level: 1 },
  { name: "store/contract", level: 1 },
  { name: "store/sqlite", level: 2 },
  // Takes from SQLite's log what is pure and holds for any: the judgement of copies, what may expire.
  { name: "store/postgres", level: 2, beside: ["store/sqlite"] },
  { name: "access", level: 3 },
  { name: "outbound", level: 3 },
  { name: "log", level: 3 },
  { name: "ingest", level: 4 },
  { name: "media", level: 4 },
  { name: "fanout", level: 4 },
  { name: "deliver", level: 4 },
  { name: "sources", level: 4, beside: ["ingest"] },
  { name: "api", level: 5 },
  { name: "compat", level: 5, beside: ["api"] },
  { name: "health", level: 5 },
  { name: "composition", level: 6 },
  { name: "gateway.ts", level: 7 },
  { name: "index.ts", level: 8 },
  { name: "cli", level: 9 },
];

/** Modules that only some may import although the level would allow it. */
export const restrictedModules: readonly {
  name: string;
  importers: readonly string[];
  because: string;
}[] = [
  {
    name: "config",
    importers: ["composition", "gateway.ts", "index.ts", "cli"],
    because:
      "modules take plain option objects, so that they can be used and tested without settings",
  },
  {
    name: "store/sqlite",
    importers: ["store/postgres", "composition", "gateway.ts", "index.ts", "cli"],
    because:
      "everything else knows the store by its contract, so that a second store needs no change there",
  },
];

/** Packages that a single place owns. Types count too: they leak the owner's shape. */
export const packageOwners: readonly {
  packages: readonly string[];
  owner: string;
  because: string;
}[] = [
  {
    packages: ["undici"],
    owner: "packages/gateway/src/outbound/",
    because:
      "every outgoing request passes the address guard; take the outbound client as an option",
  },
  {
    packages: ["socket.io"],
    owner: "packages/gateway/src/fanout/",
    because: "there is one socket server; give it what it needs as an option",
  },
  {
    packages: ["socket.io-client", "socket.io-parser", "ws"],
    owner: "packages/gateway/src/sources/sockets/",
    because:
      "connections to provider servers have one owner, which vets every address; take what they bring as an option",
  },
  {
    packages: ["postgres"],
    owner: "packages/gateway/src/store/postgres/",
    because:
      "it connects by itself, past the outbound client; add a method to the store's contract",
  },
  {
    packages: ["@aws-sdk/client-s3"],
    owner: "packages/gateway/src/media/files/bucket/",
    because:
      "it connects by itself, past the outbound client, to the one address that the operator set; no other address may reach it. It is loaded with the first use, because it is large: import types, and the rest with import()",
  },
  {
    packages: ["node:sqlite"],
    owner: "packages/gateway/src/store/",
    because: "SQL lives in the store; add a method to its contract",
  },
];

/** Language uses that a single place owns, in non-test code under `packages/`. */
export const findingOwners: readonly {
  kind: "process.env" | "global fetch" | "sql";
  owners: readonly string[];
  message: string;
}[] = [
  {
    kind: "process.env",
    owners: ["packages/gateway/src/config/"],
    message:
      "only config reads the environment: add the setting to its table and take it as an option",
  },
  {
    kind: "global fetch",
    owners: ["packages/gateway/src/cli/"],
    message:
      "the server's requests go through outbound, which vets the address; global fetch does not",
  },
  {
    kind: "sql",
    owners: ["packages/gateway/src/store/"],
    message: "SQL lives in the store: add a method to its contract",
  },
];

export const limits = {
  linesPerFile: 400,
  medianLines: 120,
  linesPerFunction: 80,
  filesPerFolder: 14,
  npmScripts: 15,
  gatewayDependencies: 22,
  /** For what only some installations use; the server starts without them. */
  gatewayOptionalDependencies: 1,
} as const;

/** Words that say nothing about what is inside. */
export const emptyNames = [
  "util",
  "utils",
  "helper",
  "helpers",
  "common",
  "manager",
  "service",
  "services",
  "misc",
] as const;
