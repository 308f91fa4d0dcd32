import { expect, test } from "vitest";
import { readWebhookInput } from "./webhook-config.ts";
import { translateEventNames } from "./webhook-events.ts";

const url = "http://gateway.example/in";

test.each([
  [[5, null]],
  [[{}]],
  [[["MESSAGES_UPSERT"]]],
  [[true, "MESSAGES_UPSERT"]],
  [""],
  [" , "],
])("a list with an entry that is no name is never taken for all events: %j", (events) => {
  const wanted = readWebhookInput({ url, events });
  expect(translateEventNames(wanted.events, undefined).unknown).not.toEqual([]);
});

test("names in one text are told apart", () => {
  const { events } = readWebhookInput({ url, events: "messages.upsert, CONNECTION_UPDATE" });
  expect(translateEventNames(events, undefined)).toEqual({
    events: ["MESSAGES_UPSERT", "CONNECTION_UPDATE"],
    notInThisVersion: [],
    unknown: [],
  });
});
