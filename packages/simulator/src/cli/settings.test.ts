import { expect, test } from "vitest";
import { evolutionSettings, type Flags, UsageError, wahaSettings } from "./settings.ts";

test("without flags there is one connected number at the provider's usual port", () => {
  expect(evolutionSettings({})).toMatchObject({
    port: 8_080,
    controlPort: 8_090,
    host: "127.0.0.1",
    key: "simulator-key",
    names: ["loja"],
    family: "2.3",
    version: undefined,
    rate: 0,
  });
  expect(wahaSettings({})).toMatchObject({ port: 3_000, controlPort: 3_010, engine: "NOWEB" });
});

test("the control port follows the port where there is room for it", () => {
  const ports = (port: string) => evolutionSettings({ port }).controlPort;
  expect([ports("9000"), ports("0"), ports("65530")]).toEqual([9_010, 0, 0]);
  expect(evolutionSettings({ port: "9000", controlPort: "7" }).controlPort).toBe(7);
});

test("numbers without a name are called after the last one", () => {
  const names = (flags: Flags) => evolutionSettings(flags).names;
  expect(names({ numbers: "3" })).toEqual(["loja", "loja-2", "loja-3"]);
  expect(names({ name: ["a", "b"], numbers: "4" })).toEqual(["a", "b", "b-2", "b-3"]);
});

test("a version is a family or a release of it", () => {
  const read = (version: string) => {
    const { family, version: told } = evolutionSettings({ version });
    return [family, told];
  };
  expect(read("2.2")).toEqual(["2.2", undefined]);
  expect(read("2.3.6")).toEqual(["2.3", "2.3.6"]);
  expect(read("1.8.2")).toEqual(["1", "1.8.2"]);
  expect(wahaSettings({ engine: "gows", version: "2026.7.1" })).toMatchObject({
    engine: "GOWS",
    version: "2026.7.1",
  });
});

const wrong: readonly (readonly [string, Flags])[] = [
  ["--port", { port: "65536" }],
  ["--port", { port: "-1" }],
  ["--port", { port: "80.5" }],
  ["--port", { port: "" }],
  ["--port", { port: "0x50" }],
  ["--control-port", { controlPort: "x" }],
  ["--host", { host: "localhost;rm" }],
  ["--key", { key: "with space" }],
  ["--key", { key: "" }],
  ["--key", { key: "chave-é" }],
  ["--secret", { secret: "s" }],
  ["--webhook", { webhook: "127.0.0.1:4000" }],
  ["--webhook", { webhook: "file:///etc/passwd" }],
  ["--rate", { rate: "Infinity" }],
  ["--rate", { rate: "10001" }],
  ["--seed", { seed: "1e3" }],
  ["--latency", { latency: "-5" }],
  ["--numbers", { numbers: "0" }],
  ["--numbers", { numbers: "501" }],
  ["--numbers", { name: ["a", "b"], numbers: "1" }],
  ["--name", { name: [" "] }],
  ["--name", { name: ["a", "a"] }],
];

test.each(wrong)("a wrong %s is named, and never a secret with it: %j", (flag, flags) => {
  for (const read of [evolutionSettings, wahaSettings]) {
    expect(() => read(flags)).toThrow(UsageError);
    expect(() => read(flags)).toThrow(flag);
  }
});

test.each(["2.4", "2", "0.1", "12", "2.3.x", "latest"])("version %s is refused", (version) => {
  expect(() => evolutionSettings({ version })).toThrow("--version");
  expect(() => wahaSettings({ version })).toThrow("--version");
});

test("an engine that there is not is refused", () => {
  expect(() => wahaSettings({ engine: "VENOM" })).toThrow("--engine");
});
