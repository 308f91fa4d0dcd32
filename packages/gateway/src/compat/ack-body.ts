import type { JsonObject } from "@recado/providers";

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The documented ack route is called with just the receipt. Names the event that the receipt is, where
 * the body does not; a body that names its event stays as it is.
 */
export function ackBody(body: JsonObject): JsonObject {
  if (typeof body["event"] === "string") return body;
  if (isObject(body["payload"]))
    return { ...body, event: "message.ack", session: body["session"] ?? "" };
  if (isObject(body["data"]))
    return { ...body, event: "messages.update", instance: body["instance"] ?? "" };
  return body;
}
