import { z } from "zod";
import { type Action, numberAction } from "./action.ts";
import { type CloseReason, closeReasons } from "./close-reasons.ts";
import type { SimulatedMessage } from "./simulated.ts";

const digits = z.string().regex(/^\d{6,15}$/, "6 to 15 digits");
const words = Object.keys(closeReasons) as [CloseReason, ...CloseReason[]];
const text = z.string().max(65_536);
const httpUrl = z.url({ protocol: /^https?$/, error: "an address that begins with http or https" });

/** Members that were not given stay absent. */
function given<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

const message = {
  text: text.optional(),
  phone: digits.default("5511900000201"),
  name: text.optional(),
  group: z
    .string()
    .regex(/^[\d-]{5,40}@g\.us$/, "the form is 120363000000000201@g.us")
    .optional(),
  image: z.boolean().optional(),
  addressing: z.enum(["phone", "lid", "lid_only"]).optional(),
  lid: z
    .string()
    .regex(/^\d{5,20}@lid$/, "the form is 200000000000201@lid")
    .optional(),
  id: z
    .string()
    .regex(/^[A-Za-z0-9]{1,64}$/, "letters and digits")
    .optional(),
} as const;

const pairing: readonly Action<string>[] = [
  numberAction(
    "scan",
    "Somebody scans the code, or types the pairing code. One must be shown: ask the provider to connect first.",
    { phone: digits.optional(), profileName: text.optional() },
    (simulated, name, body) => simulated.scan(name, given(body)),
  ),
  numberAction(
    "next-code",
    "The code on the screen expires now instead of at its time.",
    {},
    (simulated, name) => simulated.nextCode(name),
  ),
];

const connection: readonly Action<string>[] = [
  numberAction("open", "The connection is there again.", {}, (simulated, name) =>
    simulated.open(name),
  ),
  numberAction(
    "close",
    `The connection ends. reason: ${words.join(", ")}, or WhatsApp's own number (default connection_closed).`,
    { reason: z.union([z.enum(words), z.int().min(100).max(999)]).default("connection_closed") },
    (simulated, name, { reason }) =>
      simulated.close(name, typeof reason === "number" ? reason : closeReasons[reason]),
  ),
  numberAction(
    "logout",
    "The device is removed on the phone: close with logged_out.",
    {},
    (simulated, name) => simulated.close(name, closeReasons.logged_out),
  ),
  numberAction("ban", "WhatsApp bans the number: close with banned.", {}, (simulated, name) =>
    simulated.close(name, closeReasons.banned),
  ),
  numberAction(
    "flap",
    "The storm of a server without network: the same connecting, count times (Evolution; WAHA loops by itself).",
    { count: z.int().min(1).max(10_000).default(36) },
    (simulated, name, { count }) => simulated.flap(name, count),
  ),
];

const events: readonly Action<string>[] = [
  numberAction(
    "receive",
    "Somebody writes to the number. image: true sends a picture with the text as its caption.",
    message,
    (simulated, name, { phone, ...rest }) =>
      simulated.receive(name, { phone, ...given(rest) } satisfies SimulatedMessage),
  ),
  numberAction(
    "emit",
    "Any event of the provider as it is: its name and its data (WAHA: payload).",
    { event: z.string().regex(/^[a-z0-9_.-]{1,64}$/i, "an event name"), data: z.unknown() },
    (simulated, name, { event, data }) => simulated.emit(name, event, data),
  ),
];

const troubles: readonly Action<string>[] = [
  numberAction(
    "freeze",
    "The state stays as it is, and nothing is told any more.",
    {},
    (simulated, name) => simulated.freeze(name),
  ),
  numberAction(
    "thaw",
    "Events flow again. Evolution sends what it held, WAHA has it in its lists alone.",
    {},
    (simulated, name) => simulated.thaw(name),
  ),
  numberAction(
    "drift",
    "Somebody changes the webhook behind your back: to url, or removes it (url: null).",
    { url: httpUrl.nullable().default(null) },
    (simulated, name, { url }) => simulated.drift(name, url),
  ),
];

/** What can happen to one number: `POST /_simulator/numbers/<name>/<action>`. */
export const numberActions: readonly Action<string>[] = [
  ...pairing,
  ...connection,
  ...events,
  ...troubles,
];
