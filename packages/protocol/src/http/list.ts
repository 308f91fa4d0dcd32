import { z } from "zod";

/** Page of a list: how many, and where the page before ended. */
export const pageFields = {
  /** `nextCursor` of the page before. */
  after: z.string().min(1).max(2_000).optional().describe("nextCursor of the page before"),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
};

export const pageQuery = z.strictObject(pageFields);

/** `{data, nextCursor?}`; without `nextCursor` there is nothing behind it. */
export function listOf<T extends z.ZodType>(
  item: T,
): z.ZodObject<{ data: z.ZodArray<T>; nextCursor: z.ZodOptional<z.ZodString> }> {
  return z.object({ data: z.array(item), nextCursor: z.string().optional() });
}
