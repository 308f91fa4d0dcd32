#!/usr/bin/env node
import { Command, Option } from "commander";
import {
  ConfigError,
  flagOf,
  processEnvironment,
  readConfig,
  settingKeys,
  settings,
  type Flags,
  type SettingKey,
} from "../config/index.ts";
import { BackupRefusal } from "../store/sqlite/backup/index.ts";
import { version } from "../version.ts";
import { addBackup } from "./backup.ts";
import { addRestore } from "./restore.ts";

/**
 * The `recado` command. Exit codes: 0 done, 1 it failed while running, 2 it was called wrongly. The server is
 * loaded only by the commands that start one: it is most of the program, and the others are done sooner.
 */

function withSettings(command: Command): Command {
  for (const key of settingKeys) {
    const setting = settings[key];
    const fallback =
      "fallback" in setting
        ? setting.fallback
        : "fallbackText" in setting
          ? setting.fallbackText
          : undefined;
    const suffix = fallback === undefined ? "" : ` (default: ${fallback})`;
    command.addOption(
      new Option(`${flagOf(setting)} <value>`, `${setting.help} [${setting.name}]${suffix}`),
    );
  }
  return command;
}

function flagsOf(options: Readonly<Record<string, unknown>>): Flags {
  const flags: Partial<Record<SettingKey, string>> = {};
  for (const key of settingKeys) {
    const value = options[key];
    if (typeof value === "string") flags[key] = value;
  }
  return flags;
}

function explain(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`recado: ${message}\n`);
  return error instanceof ConfigError || error instanceof BackupRefusal ? 2 : 1;
}

/** 0 to 2^31 − 1. Throws {@link ConfigError}. */
function seedOf(value: unknown): number {
  const seed = Number(value);
  if (!/^\d{1,10}$/.test(String(value)) || seed > 2_147_483_647) {
    throw new ConfigError(
      `--seed must be a whole number from 0 to 2147483647; it is "${String(value)}".`,
    );
  }
  return seed;
}

const program = new Command("recado")
  .description(
    "Recado, the event gateway for WhatsApp: keeps every event of Evolution API and WAHA,\nand hands it on to browsers (Socket.IO) and servers (signed webhooks).",
  )
  .version(version, "-v, --version")
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .showHelpAfterError("(recado --help shows what there is)");

withSettings(program.command("serve"))
  .description("start the gateway on the embedded store")
  .addHelpText(
    "after",
    "\nExamples:\n  recado serve\n  recado serve --port 8080 --host 0.0.0.0 --public-url https://recado.example.com\n\nEvery flag is also an environment variable (in brackets); a flag wins.",
  )
  .action(async (options: Record<string, unknown>) => {
    const { serve } = await import("./serve.ts");
    await serve(readConfig(processEnvironment(), flagsOf(options)));
  });

withSettings(program.command("demo"))
  .description(
    "start the gateway with simulated numbers, live traffic and a receiver that fails now and then",
  )
  .addHelpText(
    "after",
    "\nThe demo keeps its data in a temporary folder unless --data-dir is given. Stop it with Ctrl+C.",
  )
  .addOption(
    new Option(
      "--seed <number>",
      "seed of the traffic: the same seed sends the same events",
    ).default("1"),
  )
  .action(async (options: Record<string, unknown>) => {
    const { demo } = await import("./demo.ts");
    await demo(processEnvironment(), flagsOf(options), seedOf(options["seed"]));
  });

addBackup(program);
addRestore(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}
