import type { AnsweringServer } from "../../api/testing/answering-server.ts";
import { recording } from "./recordings.ts";

/** The 31 names of 2.3, as the server fills them in for all. */
export const allNames = (
  recording("webhook-find-after-create").response.body as { events: string[] }
).events;

/** The bodies that were sent to set a webhook. */
export function sentWebhooks(server: AnsweringServer): unknown[] {
  return server.requests
    .filter(({ method, path }) => method === "POST" && path.startsWith("/webhook/set/"))
    .map(({ body }) => body);
}

type Row = Readonly<Record<string, unknown>>;

/** Keeps one instance's row by the recorded rules of 2.3. */
export function keepWebhookRow(
  server: AnsweringServer,
  instance: string,
  row: Row | null = null,
): { row: Row | null } {
  const state = { row };
  server.on("GET", `/webhook/find/${instance}`, () => ({ body: state.row }));
  server.on("POST", `/webhook/set/${instance}`, ({ body }) => {
    const { webhook } = body as { webhook: Row };
    const events = webhook["events"] as string[];
    const named = events.length === 0 ? allNames : events;
    state.row = {
      id: "row",
      url: webhook["url"],
      headers: webhook["headers"] ?? state.row?.["headers"] ?? null,
      enabled: webhook["enabled"],
      events: webhook["enabled"] === true ? named : [],
      webhookByEvents: webhook["byEvents"] ?? state.row?.["webhookByEvents"] ?? false,
      webhookBase64: webhook["base64"] ?? state.row?.["webhookBase64"] ?? false,
    };
    return { status: 201, body: state.row };
  });
  return state;
}
