import { z } from "zod";

/**
 * One route of Recado's own API: what it takes, what it answers and what a caller needs for it. The
 * server is built from these, its OpenAPI document is made of them, and a client can be typed by them.
 */
export interface RouteContract {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Behind `/api/v1`, with `:name` for parameters. */
  readonly path: string;
  /** Group in the reference page. */
  readonly tag: string;
  readonly summary: string;
  /** `public`: no credential; `admin_…`: the operator's key or a SUPERADMIN. */
  readonly permission: "public" | "read" | "write" | "admin_read" | "admin_write";
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** True when the body may be left out. */
  readonly bodyOptional?: true;
  readonly status: 200 | 201 | 204;
  /** Absent with 204. */
  readonly response?: z.ZodType;
}

/** What a handler or a client has of a contract's part: its parsed value, or undefined when it has none. */
export type Parsed<
  C extends RouteContract,
  K extends "params" | "query" | "body" | "response",
> = C[K] extends z.ZodType ? z.output<C[K]> : undefined;

/** What a caller writes for a contract's part. */
export type Written<
  C extends RouteContract,
  K extends "params" | "query" | "body",
> = C[K] extends z.ZodType ? z.input<C[K]> : undefined;

/** Every error answer. */
export const errorBodySchema = z
  .object({
    success: z.literal(false),
    error: z.string(),
    message: z.string().describe("The same sentence as error"),
    code: z.string().describe("Stable; each code has a page in the documentation"),
    docs: z.string(),
    details: z.array(z.string()).optional().describe("What exactly is wrong, field by field"),
  })
  .meta({ id: "Error" });
