import { isIP } from "node:net";
import type { EvolutionFamily } from "../evolution/evolution-retry.ts";
import type { WahaEngine } from "../waha/edition.ts";

/** The command was called wrongly: the message says how to call it. */
export class UsageError extends Error {}

/** What both simulated servers are told. */
export interface ServerSettings {
  /** 0: any free one. */
  readonly port: number;
  readonly controlPort: number;
  readonly host: string;
  readonly key: string;
  readonly names: readonly string[];
  readonly unpaired: boolean;
  readonly webhook: string | undefined;
  readonly secret: string | undefined;
  /** Happenings per second over all numbers, each of one event or two; 0: nothing happens by itself. */
  readonly rate: number;
  readonly seed: number;
  readonly latencyMs: number;
  readonly quiet: boolean;
}

export interface EvolutionSettings extends ServerSettings {
  readonly provider: "evolution";
  readonly family: EvolutionFamily;
  /** What the server says it is; undefined: the last of its family. */
  readonly version: string | undefined;
}

export interface WahaSettings extends ServerSettings {
  readonly provider: "waha";
  readonly engine: WahaEngine;
  readonly version: string | undefined;
}

/** Flags as given; absent: not given. */
export type Flags = Readonly<Record<string, unknown>>;

const textOf = (flags: Flags, name: string): string | undefined => {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
};

/** A number from `least` to `most`. Throws {@link UsageError}. */
export function numberFlag(
  flags: Flags,
  name: string,
  fallback: number,
  range: { readonly least: number; readonly most: number; readonly whole?: boolean },
): number {
  const given = textOf(flags, name);
  if (given === undefined) return fallback;
  const value = Number(given);
  const { least, most, whole = true } = range;
  const isNumber = /^\d{1,10}(\.\d{1,6})?$/.test(given) && (!whole || Number.isInteger(value));
  if (isNumber && value >= least && value <= most) return value;
  const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError(
    `--${flag} must be a ${whole ? "whole " : ""}number from ${least} to ${most}; it is "${given}".`,
  );
}

/** Throws {@link UsageError}; the value is not shown, since it may be a secret. */
function visible(flags: Flags, name: string): string | undefined {
  const given = textOf(flags, name);
  if (given === undefined || /^[\x21-\x7e]{1,256}$/.test(given)) return given;
  throw new UsageError(`--${name} must have 1 to 256 visible ASCII characters and no space.`);
}

export function hostFlag(flags: Flags): string {
  const host = textOf(flags, "host") ?? "127.0.0.1";
  if (isIP(host) !== 0) return host;
  throw new UsageError(
    `--host must be an IP address, for example 127.0.0.1 or 0.0.0.0; it is "${host}".`,
  );
}

function webhookFlag(flags: Flags): string | undefined {
  const given = textOf(flags, "webhook");
  if (given === undefined) return undefined;
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given;
  throw new UsageError("--webhook must be an address that begins with http:// or https://.");
}

const mostNumbers = 500;

/** `--name a b --numbers 4` is a, b, b-2, b-3. */
function namesOf(flags: Flags): readonly string[] {
  const given = flags["name"];
  const names = Array.isArray(given) ? given.map(String) : ["loja"];
  const wrong = names.find((name) => name.trim() === "" || name.length > 100);
  if (wrong !== undefined) throw new UsageError("--name must have 1 to 100 characters.");
  const count = numberFlag(flags, "numbers", names.length, { least: 1, most: mostNumbers });
  if (names.length > count)
    throw new UsageError(`--numbers is ${count}, but ${names.length} names were given.`);
  const last = names.at(-1) ?? "loja";
  const more = Array.from({ length: count - names.length }, (_, index) => `${last}-${index + 2}`);
  const all = [...names, ...more];
  const twice = all.find((name, index) => all.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`--name "${twice}" is there twice.`);
  return all;
}

const mostPort = 65_535;

function serverSettings(flags: Flags, usualPort: number): ServerSettings {
  const port = numberFlag(flags, "port", usualPort, { least: 0, most: mostPort });
  const nearby = port === 0 || port + 10 > mostPort ? 0 : port + 10;
  const secret = visible(flags, "secret");
  const webhook = webhookFlag(flags);
  if (secret !== undefined && webhook === undefined)
    throw new UsageError("--secret signs the webhooks of --webhook, which is missing.");
  return {
    port,
    controlPort: numberFlag(flags, "controlPort", nearby, { least: 0, most: mostPort }),
    host: hostFlag(flags),
    key: visible(flags, "key") ?? "simulator-key",
    names: namesOf(flags),
    unpaired: flags["unpaired"] === true,
    webhook,
    secret,
    rate: numberFlag(flags, "rate", 0, { least: 0, most: 10_000, whole: false }),
    seed: numberFlag(flags, "seed", 1, { least: 0, most: 2_147_483_647 }),
    latencyMs: numberFlag(flags, "latency", 0, { least: 0, most: 600_000 }),
    quiet: flags["quiet"] === true,
  };
}

/** Throws {@link UsageError}. */
export function evolutionSettings(flags: Flags): EvolutionSettings {
  const version = textOf(flags, "version") ?? "2.3";
  const [, family, rest] = /^(2\.3|2\.2|1)((?:\.\d{1,4})*)$/.exec(version) ?? [];
  if (family !== "2.3" && family !== "2.2" && family !== "1")
    throw new UsageError(
      `--version must be 2.3, 2.2 or 1, or a release of them; it is "${version}".`,
    );
  return {
    provider: "evolution",
    ...serverSettings(flags, 8_080),
    family,
    version: rest === "" ? undefined : version,
  };
}

/** Throws {@link UsageError}. */
export function wahaSettings(flags: Flags): WahaSettings {
  const engine = (textOf(flags, "engine") ?? "NOWEB").toUpperCase();
  if (engine !== "NOWEB" && engine !== "GOWS" && engine !== "WEBJS")
    throw new UsageError(`--engine must be NOWEB, GOWS or WEBJS; it is "${engine}".`);
  const version = textOf(flags, "version");
  if (version !== undefined && !/^20\d\d\.\d{1,2}\.\d{1,3}$/.test(version))
    throw new UsageError(`--version must be a release like 2026.2.1; it is "${version}".`);
  return { provider: "waha", ...serverSettings(flags, 3_000), engine, version };
}
