import type { EvolutionSettings, WahaSettings } from "./settings.ts";

/** What a person reads when the server is up: what it is, and what to do next. */
export interface Welcome {
  readonly settings: EvolutionSettings | WahaSettings;
  readonly url: string;
  readonly control: string;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function listed(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  return names.slice(0, 5).join(", ") + more;
}

function whatItIs({ settings }: Welcome): string {
  if (settings.provider === "evolution")
    return `Evolution API ${settings.version ?? settings.family}`;
  return `WAHA ${settings.version ?? "2026.2.1"} (${settings.engine})`;
}

/** How the number is paired, for those that show a code first. */
function pairing({ settings, url }: Welcome, name: string): string[] {
  const header = settings.provider === "evolution" ? "apikey" : "X-Api-Key";
  const auth = `-H ${quoted(`${header}: ${settings.key}`)}`;
  const connect =
    settings.provider === "evolution"
      ? `curl ${url}/instance/connect/${name} ${auth}`
      : `curl -X POST ${url}/api/sessions/${name}/start ${auth}`;
  return ["", "Let it show a code, which the control routes then scan:", `  ${connect}`];
}

/** Plain text; nothing in it depends on a terminal. */
export function welcomeText(welcome: Welcome): string {
  const { settings, url, control } = welcome;
  const { provider, key, names, unpaired, webhook } = settings;
  const first = encodeURIComponent(names[0] ?? "");
  const header = provider === "evolution" ? "apikey" : "X-Api-Key";
  const list = provider === "evolution" ? "/instance/fetchInstances" : "/api/sessions?all=true";
  const set =
    provider === "evolution" ? `POST /webhook/set/${first}` : `PUT /api/sessions/${first}`;
  const number = `${control}/_simulator/numbers/${first}`;
  const act = (action: string, body?: string): string =>
    `  curl -X POST ${number}/${action}${body === undefined ? "" : ` -d ${quoted(body)}`}`;
  const lines = [
    "",
    `${whatItIs(welcome)}, simulated, is ready at ${url}`,
    "",
    `Key (header ${header}): ${key}`,
    `Numbers: ${listed(names)}${unpaired ? ", not paired yet" : ", connected"}`,
    webhook === undefined
      ? `Webhook: none yet. Your program sets it (${set}), or start with --webhook.`
      : "Webhook: set for every number, all events.",
    "",
    "Ask it as you would ask the real one:",
    `  curl ${quoted(url + list)} -H ${quoted(`${header}: ${key}`)}`,
    ...(unpaired ? pairing(welcome, first) : []),
    "",
    "Make something happen:",
    ...(unpaired ? [act("scan")] : []),
    act("receive", '{"text":"Oi! Chegou?"}'),
    act("close", '{"reason":"banned"}'),
    "",
    "Everything else that can happen and go wrong:",
    `  curl ${control}/_simulator`,
    "",
    "Ctrl+C ends it.",
    "",
  ];
  return `${lines.join("\n")}\n`;
}
