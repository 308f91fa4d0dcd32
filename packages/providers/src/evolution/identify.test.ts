import { describe, expect, it } from "vitest";
import { identify } from "./identify.ts";
import { isEvolutionBody } from "./wire.ts";

describe("identify", () => {
  it("gives one name for both Unicode spellings, and text for digits", () => {
    const composed = identify({ event: "call", instance: "Operação".normalize("NFC") });
    expect(identify({ event: "call", instance: "Operação".normalize("NFD") })).toEqual(composed);
    expect(identify({ event: "call", instance: 30225412 }).instanceName).toBe("30225412");
    expect(identify({ event: "call", instance: "my inst/é" }).instanceName).toBe("my inst/é");
  });

  it("gives no name for an empty, null or absent one", () => {
    for (const body of [
      { instance: "" },
      { instance: null },
      {},
      { instance: [] },
      { instance: true },
    ]) {
      expect(identify({ event: "call", ...body })).toEqual({ eventName: "call" });
    }
  });

  it("spells known events as the body does, and leaves unknown ones alone", () => {
    const spelled = (event: string) => identify({ event }).eventName;
    expect(["MESSAGES_UPSERT", "messages-upsert", "Messages.Upsert"].map(spelled)).toEqual(
      Array.from({ length: 3 }, () => "messages.upsert"),
    );
    expect(spelled("GROUP_PARTICIPANTS_UPDATE")).toBe("group-participants.update");
    expect(spelled("TYPEBOT_CHANGE_STATUS")).toBe("typebot.change-status");
    expect(spelled("group.update")).toBe("groups.update");
    expect(spelled("Some_Thing")).toBe("Some_Thing");
    expect(spelled("constructor")).toBe("constructor");
  });

  it("says which server it is, and whose instance in the sibling's format", () => {
    expect(
      identify({
        event: "Message",
        instanceName: "loja-go",
        server_url: "https://evo.example.com",
      }),
    ).toEqual({
      instanceName: "loja-go",
      eventName: "Message",
      serverUrl: "https://evo.example.com",
    });
  });
});

describe("recognises", () => {
  it.each([
    [true, { event: "call", instance: "x" }],
    [true, { event: "call", instance: null }],
    [true, { event: "error", api_key: "x", data: {} }],
    [true, { event: "call", server_url: "https://evo.example.com" }],
    [true, { event: "Message", instanceToken: "x" }],
    [false, { event: "message", session: "default", payload: {} }],
    [false, { event: "messages.upsert", sessionId: "x", data: {} }],
    [false, { instance: "x", data: {} }],
    [false, { event: 5, instance: "x" }],
    [false, {}],
  ])("%s: %j", (expected, body) => {
    expect(isEvolutionBody(body)).toBe(expected);
  });
});
