import { z } from "zod";
import { connectionReasons } from "../../event-data.ts";
import { timeSchema } from "../fields.ts";
import type { RouteContract } from "../route-contract.ts";

/**
 * How far the pairing of a number with its phone is. `idle`: nothing is under way; `waiting`: the provider
 * has no code yet; `code`: one is shown; `connecting`: it was scanned; `connected`; `expired`: the provider
 * gave up showing codes; `failed`: anything else that ended it, in `reason`.
 */
export const pairingStages = [
  "idle",
  "waiting",
  "code",
  "connecting",
  "connected",
  "expired",
  "failed",
] as const;
export type PairingStage = (typeof pairingStages)[number];

/** Why a pairing stands where it stands: a connection's reasons, and those that only pairing has. */
export const pairingReasons = [
  ...connectionReasons,
  "removed",
  "passkey_required",
  "provider_unreachable",
  "provider_refused",
] as const;
export type PairingReason = (typeof pairingReasons)[number];

const shared = {
  stage: z.enum(pairingStages),
  /** Changes with every change of what is shown; sent back as `after`, the answer waits for the next one. */
  version: z.string(),
  /** The code to scan as a PNG, a data URL. */
  image: z.string().optional(),
  /** To be typed into the phone instead of scanning: `ABCD-1234`. */
  pairingCode: z.string().optional(),
  /** Codes shown so far, this one included. */
  attempt: z.number().int().positive().optional(),
  /** Codes that follow this one before the provider gives up; by its defaults where it does not say. */
  attemptsLeft: z.number().int().nonnegative().optional(),
  /** Whole seconds that the code can still be scanned, at most; 0: a new one is due. */
  secondsLeft: z.number().int().nonnegative().optional(),
  reason: z.enum(pairingReasons).optional(),
  /** The same in words, in the caller's language. */
  explanation: z.string(),
};

export const pairingSchema = z
  .object({
    ...shared,
    /** The code itself, to draw it. */
    qr: z.string().optional(),
    expiresAt: timeSchema.optional(),
    /** The account that was connected. */
    account: z
      .object({ jid: z.string(), phone: z.string().optional(), name: z.string().optional() })
      .optional(),
  })
  .meta({ id: "Pairing" });
export type PairingResource = z.infer<typeof pairingSchema>;

/** What the visitor of a pairing link sees: nothing of the tenant but the number's name. */
export const publicPairingSchema = z
  .object({
    ...shared,
    /** The number's name. */
    name: z.string(),
    /** Proves in `x-pairing-visitor` that the next request comes from the same visitor. */
    visitor: z.string(),
    /** The language that the link was made for. */
    language: z.enum(["pt", "en"]).optional(),
    linkExpiresAt: timeSchema,
  })
  .meta({ id: "PublicPairing" });
export type PublicPairingResource = z.infer<typeof publicPairingSchema>;

/** Digits with country code; spaces and `+ ( ) . -` between them are ignored. */
export const phoneSchema = z
  .string()
  .max(40)
  .regex(/^\+?[\d\s().-]+$/)
  .transform((text) => text.replaceAll(/\D/g, ""))
  .pipe(z.string().regex(/^\d{8,15}$/));

/** `version` of the answer before. */
export const afterVersion = z.string().min(1).max(100).optional();

const token = z.strictObject({ token: z.string().min(1).max(200) });
const open = { tag: "pairing", permission: "public", params: token, status: 200 } as const;

/**
 * Routes behind `/api/public`, for whoever has the link. One visitor at a time: the first answer has a
 * `visitor`, which later requests send as the header `x-pairing-visitor`; without it the link is taken until the visitor
 * was gone for a minute. A link that is unknown, used or expired answers the same.
 */
export const publicPairingRoutes = {
  read: {
    ...open,
    method: "GET",
    path: "/pairing/:token",
    summary: "Follow a pairing by its link, starting it if nobody did; `after` waits up to 25 s",
    query: z.strictObject({ after: afterVersion }),
    response: publicPairingSchema,
  },
  code: {
    ...open,
    method: "POST",
    path: "/pairing/:token/code",
    summary: "Ask for a code to type into the phone with this number",
    body: z.strictObject({ phone: phoneSchema }),
    response: publicPairingSchema,
  },
  renew: {
    ...open,
    method: "POST",
    path: "/pairing/:token/renew",
    summary: "Start again after the provider gave up or the pairing failed",
    response: publicPairingSchema,
  },
} as const satisfies Record<string, RouteContract>;
