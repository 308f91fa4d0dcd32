import { describe, expect, it } from "vitest";
import { MediaKeys, readAbout, writeAbout } from "./media-keys.ts";

const keys = new MediaKeys(Buffer.alloc(32, 3));
const file = { sha256: "ab".repeat(32), about: writeAbout({ mimetype: "image/png" }) };
const marker = keys.marker("acme", file);

function replaced(tenantId: string, text: string): string {
  return keys.replaceMarkers(tenantId, text, () => "LINK");
}

describe("a marker", () => {
  it("is replaced for its own tenant, wherever and however often it stands", () => {
    expect(replaced("acme", `["${marker}","x ${marker} y"]`)).toBe('["LINK","x LINK y"]');
  });

  it.each([
    ["another tenant's", marker, "rival"],
    ["another key's", new MediaKeys(Buffer.alloc(32, 4)).marker("acme", file), "acme"],
    ["another file's", marker.replace("ab", "cd"), "acme"],
    ["another name's", marker.replace(file.about, writeAbout({ mimetype: "text/html" })), "acme"],
    ["cut off", marker.slice(0, -1), "acme"],
    ["made up", `recado-media:${"0".repeat(64)}.e30.${"A".repeat(22)}`, "acme"],
  ])("that is %s stays text", (_what, text, tenantId) => {
    expect(replaced(tenantId, text)).toBe(text);
  });

  it("after a thousand forged ones in a text is not looked at any more, and no proof is shown", () => {
    const forged = `recado-media:${"0".repeat(64)}.e30.${"A".repeat(22)}`;
    const text = replaced("acme", `${marker} ${`${forged} `.repeat(1_500)}${marker}`);
    expect(text.startsWith(`LINK ${forged} `)).toBe(true);
    expect(text.split(forged)).toHaveLength(1_001);
    expect(text).not.toContain(marker.split(".").at(-1));
    expect(text.endsWith(`recado-media:${file.sha256}`)).toBe(true);
  });

  it("has a proof that no link shows", () => {
    const signature = keys.signature(keys.tenantPart("acme"), file, 1);
    expect(marker).not.toContain(signature);
    expect(signature).not.toContain(marker.split(".").at(-1));
  });
});

it.each([
  { mimetype: "image/png" },
  { mimetype: "image/png", filename: "ã/../\u0000\ud83d.png" },
  { mimetype: "a/b", dataPrefix: "data:a/b;base64," },
])("what is said of a file survives its way: %j", (about) => {
  const said = readAbout(writeAbout(about));
  expect(said).toEqual({
    ...about,
    ...("filename" in about ? { filename: about.filename?.toWellFormed() } : {}),
  });
});

it.each(["", "x", "bnVsbA", "W10", "WzFd"])(
  "of what cannot be read nothing is known: %j",
  (about) => {
    expect(readAbout(about)).toEqual({ mimetype: "application/octet-stream" });
  },
);

it("a name of any length fits into a link", () => {
  expect(writeAbout({ mimetype: "a/b", filename: "名".repeat(5_000) }).length).toBeLessThan(1_025);
});
