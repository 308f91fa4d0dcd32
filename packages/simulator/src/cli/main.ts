#!/usr/bin/env node
import { Command, Option } from "commander";
import { systemClock } from "../clock.ts";
import { version } from "../version.ts";
import { createOutput, type Output } from "./output.ts";
import {
  type EvolutionSettings,
  evolutionSettings,
  type Flags,
  hostFlag,
  numberFlag,
  UsageError,
  type WahaSettings,
  wahaSettings,
} from "./settings.ts";
import { stopOnSignal } from "./stop-on-signal.ts";
import { welcomeText } from "./welcome.ts";

/** The `recado-simulator` command. Exit codes: 0 done, 1 it failed while running, 2 it was called wrongly. */

const output: Output = createOutput(
  (text) => void process.stdout.write(text),
  process.stdout.isTTY,
  systemClock,
);

function explain(error: unknown): number {
  const { code, port, message } = error as NodeJS.ErrnoException & { readonly port?: number };
  const taken = `port ${port} is taken; choose another with --port (and --control-port)`;
  process.stderr.write(`recado-simulator: ${code === "EADDRINUSE" ? taken : message}\n`);
  return error instanceof UsageError ? 2 : 1;
}

async function simulate(settings: EvolutionSettings | WahaSettings): Promise<void> {
  // Only where it is used: --help and a wrong flag answer at once.
  const { startSimulation } = await import("./simulation.ts");
  const simulation = await startSimulation(settings, output.line);
  stopOnSignal(async () => {
    await simulation.close();
    output.line({ type: "stopped" });
  });
  const { simulated, control } = simulation;
  const { provider, key, names } = settings;
  const addresses = { url: simulated.url, control: control.url };
  output.ready(
    { type: "ready", provider, ...addresses, key, numbers: names },
    welcomeText({ settings, ...addresses }),
  );
}

async function receive(flags: Flags): Promise<void> {
  const port = numberFlag(flags, "port", 4_000, { least: 0, most: 65_535 });
  const host = hostFlag(flags);
  const { startShowingReceiver } = await import("./receive.ts");
  const receiver = await startShowingReceiver(port, host, output.line);
  stopOnSignal(async () => {
    await receiver.close();
    output.line({ type: "stopped" });
  });
  output.ready(
    { type: "ready", provider: "receiver", url: receiver.url },
    `\nWebhooks to ${receiver.url} are answered 200 and shown here. Ctrl+C ends it.\n\n`,
  );
}

/** The options that both servers have. */
function withServerOptions(command: Command, usualPort: number): Command {
  return command
    .option("--port <number>", `where it answers; 0 is any free port (default: ${usualPort})`)
    .option("--control-port <number>", "where the control routes answer (default: --port + 10)")
    .option("--host <address>", "listen here; 0.0.0.0 lets containers in (default: 127.0.0.1)")
    .option("--key <text>", "the server's key (default: simulator-key)")
    .option("--name <name...>", "the numbers' names (default: loja)")
    .option("--numbers <count>", "how many numbers; those without a name are loja-2, loja-3, …")
    .option("--unpaired", "no number is paired yet: each must show a code, and be scanned")
    .option("--webhook <url>", "send all events of all numbers here")
    .option("--secret <text>", "sign those webhooks as the provider does")
    .option("--rate <number>", "people write, read and react by themselves, so many times a second")
    .option("--seed <number>", "the same seed tells the same stories (default: 1)")
    .option("--latency <ms>", "every answer comes so many milliseconds late (default: 0)")
    .option("--quiet", "say nothing of webhooks and calls");
}

const afterHelp = `
What happens is decided over HTTP, so that a scenario can be written in any language:
  curl http://127.0.0.1:8090/_simulator                  everything that can happen and go wrong
  curl -X POST http://127.0.0.1:8090/_simulator/numbers/loja/receive -d '{"text":"Oi!"}'
  curl -X POST http://127.0.0.1:8090/_simulator/numbers/loja/close -d '{"reason":"banned"}'
  curl -X POST http://127.0.0.1:8090/_simulator/restart -d '{"downMs":5000}'

Examples:
  recado-simulator receiver
  recado-simulator evolution --webhook http://127.0.0.1:4000/hook
  recado-simulator evolution --numbers 30 --rate 20 --version 2.2
  recado-simulator waha --engine GOWS --unpaired --latency 50

On a terminal it says what happens in sentences, everywhere else in JSON lines; the first has the
addresses ("type": "ready"). There is no WhatsApp behind it: nothing leaves this machine but the
webhooks that you set.`;

const program = new Command("recado-simulator")
  .description(
    "Develop against WhatsApp without a phone: an Evolution API or a WAHA that keeps state, sends webhooks by the real retry rules, serves sockets, and goes wrong on command.",
  )
  .version(version, "-v, --version")
  .enablePositionalOptions()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .showHelpAfterError("(recado-simulator --help shows what there is)")
  .addHelpText("after", afterHelp);

withServerOptions(program.command("evolution"), 8_080)
  .description("an Evolution API")
  .addOption(
    new Option("--version <version>", "2.3, 2.2 or 1, or a release of them (default: 2.3)"),
  )
  .action((flags: Flags) => simulate(evolutionSettings(flags)));

withServerOptions(program.command("waha"), 3_000)
  .description("a WAHA")
  .option("--engine <engine>", "NOWEB, GOWS or WEBJS (default: NOWEB)")
  .option("--version <release>", "a release such as 2026.7.1 (default: 2026.2.1)")
  .action((flags: Flags) => simulate(wahaSettings(flags)));

program
  .command("receiver")
  .description("a webhook receiver that answers 200 and says what came")
  .option("--port <number>", "where it answers; 0 is any free port (default: 4000)")
  .option("--host <address>", "listen here (default: 127.0.0.1)")
  .action(receive);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}
