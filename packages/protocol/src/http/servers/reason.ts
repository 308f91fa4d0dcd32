import { z } from "zod";

/** One sentence for a person, in both languages. */
export const sentenceSchema = z.object({ en: z.string(), pt: z.string() });

/** Why something is not as it should be. */
export const reasonSchema = sentenceSchema
  .extend({
    /** Stable word. */
    code: z.string(),
    /** In the provider's or the network's own words. */
    detail: z.string().optional(),
  })
  .meta({ id: "Reason" });
export type ReasonResource = z.infer<typeof reasonSchema>;
