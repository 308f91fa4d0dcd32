import type { Action } from "./action.ts";

const line = (call: string, { members, help }: Pick<Action<never>, "members" | "help">): string =>
  `${call}${members === "" ? "" : `  { ${members} }`}\n    ${help}`;

const readings = [
  ["GET /_simulator", "This text."],
  ["GET /_simulator/numbers", "Every number: its state, how many messages it has, its webhooks."],
  ["GET /_simulator/numbers/<name>", "One of them."],
  [
    "GET /_simulator/numbers/<name>/messages?last=100",
    "Its messages as the provider's own lists have them: the truth to compare with.",
  ],
  ["GET /_simulator/calls", "Calls of the provider's API so far, by route."],
] as const;

/** The documentation of the control routes, as `GET /_simulator` answers it. */
export function controlHelp(
  url: string,
  numbers: readonly Action<string>[],
  server: readonly Action<undefined>[],
): string {
  return [
    "What happens on a simulated WhatsApp, and what goes wrong, is decided here. Bodies are JSON and most",
    "members may be left out; a call answers as soon as the thing has begun, and webhooks follow by the",
    "provider's own rules. What cannot happen is refused with { code, message }.",
    "",
    `    curl -X POST ${url}/_simulator/numbers/<name>/receive -d '{"text":"Oi!"}'`,
    "",
    "To look at",
    ...readings.map(([call, help]) => line(call, { members: "", help })),
    "",
    "What happens to a number",
    ...numbers.map((one) => line(`POST /_simulator/numbers/<name>/${one.name}`, one)),
    "",
    "What befalls the server",
    ...server.map((one) => line(`POST /_simulator/${one.name}`, one)),
    "",
  ].join("\n");
}
