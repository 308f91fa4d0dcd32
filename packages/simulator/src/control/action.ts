import { z } from "zod";
import type { Begun, Simulated } from "./simulated.ts";

/** A call that a control route refuses. */
export class ControlRefusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What can be made to happen, over a route of its own. `Target` is the number's name, or nothing. */
export interface Action<Target> {
  readonly name: string;
  /** Members of the body, for a reader: `text, phone, …`; empty when there are none. */
  readonly members: string;
  readonly help: string;
  /** Throws a {@link ControlRefusal} when the body is not what the action takes. */
  readonly run: (simulated: Simulated, target: Target, body: unknown) => Begun;
}

type Body<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;

/** The body as an object of `shape` and nothing else. */
function read<Shape extends z.ZodRawShape>(name: string, shape: Shape, body: unknown): Body<Shape> {
  const result = z.strictObject(shape).safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.length ? `${issue.path.join(".")}: ` : "";
  const what = issue?.message ?? "not an object";
  throw new ControlRefusal(400, "body_invalid", `${name}: ${where}${what}`);
}

/** Something that happens to a number. */
export function numberAction<Shape extends z.ZodRawShape>(
  name: string,
  help: string,
  shape: Shape,
  run: (simulated: Simulated, number: string, body: Body<Shape>) => Begun,
): Action<string> {
  return {
    name,
    help,
    members: Object.keys(shape).join(", "),
    run: (simulated, number, body) => run(simulated, number, read(name, shape, body)),
  };
}

/** Something that befalls the server. */
export function serverAction<Shape extends z.ZodRawShape>(
  name: string,
  help: string,
  shape: Shape,
  run: (simulated: Simulated, body: Body<Shape>) => Begun,
): Action<undefined> {
  return {
    name,
    help,
    members: Object.keys(shape).join(", "),
    run: (simulated, _nobody, body) => run(simulated, read(name, shape, body)),
  };
}
