import { describe, expect, test } from "vitest";
import { recording } from "../../testing/recordings.ts";
import { parseVersion } from "../server-version.ts";
import { eventNamesOf, namesOfRefusal, translateEventNames } from "./webhook-events.ts";

const refusal = JSON.stringify(recording("webhook-set-bad-event").response.body);
const names23 = namesOfRefusal(refusal) ?? [];

describe("event names", () => {
  test("of 2.3 are those that the server itself lists", () => {
    expect(names23).toHaveLength(31);
    expect([...eventNamesOf(parseVersion("2.3.7"))].toSorted()).toEqual([...names23].toSorted());
  });

  test.each([
    ["1.8.2", 26, ["NEW_JWT_TOKEN"], ["MESSAGES_EDITED", "LOGOUT_INSTANCE", "STATUS_INSTANCE"]],
    ["2.2.3", 27, ["MESSAGES_EDITED"], ["SEND_MESSAGE_UPDATE", "INSTANCE_CREATE"]],
    ["2.3.0", 31, ["STATUS_INSTANCE"], ["NEW_JWT_TOKEN"]],
    ["2.4.0-rc.1", 31, ["INSTANCE_DELETE"], []],
    ["3.0.0", 31, ["CALL"], []],
  ])("of %s are %i", (version, count, has, lacks) => {
    const names = eventNamesOf(parseVersion(version));
    expect(new Set(names).size).toBe(count);
    for (const name of has) expect(names).toContain(name);
    for (const name of lacks) expect(names).not.toContain(name);
  });

  test.each(names23)("in every spelling are one: %s", (name) => {
    const spellings = [
      name,
      name.toLowerCase(),
      name.toLowerCase().replaceAll("_", "."),
      name.toLowerCase().replaceAll("_", "-"),
      name.toLowerCase().replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      ` ${name} `,
    ];
    expect(translateEventNames(spellings, parseVersion("2.3.7"))).toEqual({
      events: [name],
      notInThisVersion: [],
      unknown: [],
    });
  });

  test("nothing, an empty list and a star mean all", () => {
    for (const names of [undefined, [], ["*"], ["CALL", "all"]]) {
      expect(translateEventNames(names, undefined).events).toBeUndefined();
    }
  });

  test("that another version has, and those of none, are told apart", () => {
    const version = parseVersion("2.2.0");
    expect(
      translateEventNames(["status.instance", "CHAMA_AI_ACTION", "NOPE", "call"], version),
    ).toEqual({
      events: ["CALL"],
      notInThisVersion: ["STATUS_INSTANCE", "CHAMA_AI_ACTION"],
      unknown: ["NOPE"],
    });
  });
});

test.each([
  ["2.3.7", [2, 3, 7]],
  ["v2.2", [2, 2, 0]],
  ["2.4.0-rc.1", [2, 4, 0]],
  ["1.8.2", [1, 8, 2]],
  ["homolog", undefined],
  ["", undefined],
  [7, undefined],
])("the version %j is read", (text, expected) => {
  const version = parseVersion(text);
  expect(version && [version.major, version.minor, version.patch]).toEqual(expected);
});
