import { z } from "zod";
import type { SecretBox } from "../../../base/secret-box.ts";
import type { ForeignHook } from "../../control/server-control.ts";

/** The webhook that stood at a number, as it is kept: sealed as a whole. */

const schema = z.object({
  url: z.string(),
  enabled: z.boolean(),
  events: z.array(z.string()),
  headers: z.record(z.string(), z.string()),
  byEvents: z.boolean().optional(),
  base64: z.boolean().optional(),
});

export function sealHook(box: SecretBox, hook: ForeignHook): string {
  return box.seal(JSON.stringify(hook));
}

/** Throws when it was sealed with another key. */
export function openHook(box: SecretBox, sealed: string): ForeignHook {
  const { byEvents, base64, ...hook } = schema.parse(JSON.parse(box.open(sealed)));
  return {
    ...hook,
    ...(byEvents === undefined ? {} : { byEvents }),
    ...(base64 === undefined ? {} : { base64 }),
  };
}
