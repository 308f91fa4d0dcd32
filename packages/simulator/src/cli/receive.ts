import type { ReceivedRequest } from "../receiver/received-request.ts";
import { type Receiver, startReceiver } from "../receiver/receiver.ts";
import type { Line } from "./output.ts";

/** Requests that are remembered; nobody asks for them. */
const keep = 1;

/** The event's name: both providers write it into the body. */
function eventOf({ body }: ReceivedRequest): string {
  try {
    const value = JSON.parse(Buffer.from(body).toString("utf8")) as { event?: unknown } | null;
    const event = value?.event;
    return typeof event === "string" && /^[\w.-]{1,64}$/.test(event) ? event : "no event";
  } catch {
    return "not JSON";
  }
}

/** A receiver that answers 200 to everything and says what came. */
export function startShowingReceiver(
  port: number,
  host: string,
  tell: (line: Line) => void,
): Promise<Receiver> {
  return startReceiver({
    port,
    host,
    keep,
    onRequest: (request) =>
      tell({
        type: "received",
        method: request.method,
        event: eventOf(request),
        bytes: request.body.length,
      }),
  });
}
