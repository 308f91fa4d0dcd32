import { isMainThread } from "node:worker_threads";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Loaded into the server's process beside it (`--import`), never by it. On SIGUSR2 it collects what is
 * garbage and prints how much memory is left and what of the built-in objects is not as it was at the
 * first SIGUSR2.
 */
const names = [
  "Object",
  "Array",
  "String",
  "Number",
  "Boolean",
  "Function",
  "Symbol",
  "BigInt",
  "Map",
  "Set",
  "Promise",
  "RegExp",
  "Date",
  "Error",
  "Buffer",
  "Uint8Array",
  "URL",
  "JSON",
  "Math",
  "Reflect",
] as const;

type Shape = ReadonlyMap<string | symbol, unknown>;

function objects(): readonly (readonly [string, object])[] {
  return names.flatMap((name): readonly (readonly [string, object])[] => {
    const value: unknown = Reflect.get(globalThis, name);
    if (typeof value !== "function") return [[name, value as object]];
    return [
      [name, value],
      [`${name}.prototype`, Reflect.get(value, "prototype") as object],
    ];
  });
}

function shapeOf(object: object): Shape {
  return new Map(
    Reflect.ownKeys(object).map((key) => {
      const property = Reflect.getOwnPropertyDescriptor(object, key);
      return [key, property?.get ?? (property?.value as unknown)];
    }),
  );
}

let first: ReadonlyMap<string, Shape> | undefined;

function changed(): readonly string[] {
  const now = new Map(objects().map(([name, object]) => [name, shapeOf(object)]));
  first ??= now;
  return [...now].flatMap(([name, shape]) => {
    const before = first?.get(name) ?? new Map<string | symbol, unknown>();
    return [...new Set([...shape.keys(), ...before.keys()])]
      .filter((key) => !Object.is(shape.get(key), before.get(key)))
      .map((key) => `${name}.${String(key)}`);
  });
}

if (isMainThread) {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  process.on("SIGUSR2", () => {
    collectGarbage();
    const { heapUsed, external, rss } = process.memoryUsage();
    const sample = { heapUsed, external, rss, changed: changed() };
    process.stderr.write(`fuzz-sample ${JSON.stringify(sample)}\n`);
  });
}
