import { z } from "zod";
import { idParams, timeSchema } from "../fields.ts";
import { listOf, pageQuery } from "../list.ts";
import { afterVersion, pairingSchema, phoneSchema } from "./pairing.ts";
import type { RouteContract } from "../route-contract.ts";

const shared = { tag: "pairing", params: idParams } as const;

/** `active`: it can be opened; `used`: a number was connected by it. */
export const pairingLinkStates = ["active", "used", "expired"] as const;

export const pairingLinkSchema = z
  .object({
    id: z.string(),
    state: z.enum(pairingLinkStates),
    language: z.enum(["pt", "en"]).optional(),
    createdAt: timeSchema,
    expiresAt: timeSchema,
    usedAt: timeSchema.optional(),
  })
  .meta({ id: "PairingLink" });
export type PairingLinkResource = z.infer<typeof pairingLinkSchema>;

/** The only answer that has the link itself: its token is not stored. */
export const newPairingLinkSchema = pairingLinkSchema
  .extend({
    /** The page for the number's owner, served with the dashboard. */
    url: z.string(),
    /** The same as JSON, for a page of one's own. */
    apiUrl: z.string(),
  })
  .meta({ id: "NewPairingLink" });
export type NewPairingLinkResource = z.infer<typeof newPairingLinkSchema>;

/** What is done with a number at its provider, and links for pairing it. */
export const instanceActionRoutes = {
  connect: {
    ...shared,
    method: "POST",
    path: "/instances/:id/connect",
    permission: "write",
    summary: "Connect a number: its code to scan, or with `phone` a code to type",
    body: z.strictObject({ phone: phoneSchema.optional() }),
    bodyOptional: true,
    status: 200,
    response: pairingSchema,
  },
  qr: {
    ...shared,
    method: "GET",
    path: "/instances/:id/qr",
    permission: "read",
    summary: "The code to scan now; format=png (or Accept: image/png) is the picture alone",
    query: z.strictObject({
      format: z.enum(["json", "png"]).optional(),
      /** Waits up to 25 s for something newer. */
      after: afterVersion,
    }),
    status: 200,
    response: pairingSchema,
  },
  logout: {
    ...shared,
    method: "POST",
    path: "/instances/:id/logout",
    permission: "write",
    summary: "Unlink a number from its phone",
    status: 204,
  },
  restart: {
    ...shared,
    method: "POST",
    path: "/instances/:id/restart",
    permission: "write",
    summary: "Restart a number's connection; its pairing stays",
    status: 204,
  },
  createLink: {
    ...shared,
    method: "POST",
    path: "/instances/:id/pairing-links",
    permission: "write",
    summary: "Make a link with which the number's owner connects it, once",
    body: z.strictObject({
      /** One minute to one day. */
      ttlSeconds: z.number().int().min(60).max(86_400).default(1_800),
      language: z.enum(["pt", "en"]).optional(),
    }),
    bodyOptional: true,
    status: 201,
    response: newPairingLinkSchema,
  },
  listLinks: {
    ...shared,
    method: "GET",
    path: "/instances/:id/pairing-links",
    permission: "read",
    summary: "List a number's pairing links; those that ended stay for a day",
    query: pageQuery,
    status: 200,
    response: listOf(pairingLinkSchema),
  },
  removeLink: {
    ...shared,
    method: "DELETE",
    path: "/instances/:id/pairing-links/:linkId",
    permission: "write",
    summary: "Revoke a pairing link",
    params: idParams.extend({ linkId: z.string().min(1).max(200) }),
    status: 204,
  },
} as const satisfies Record<string, RouteContract>;
