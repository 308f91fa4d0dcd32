import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { MediaKeys, readAbout } from "../links/media-keys.ts";
import { saidOfFiles } from "./file-context.ts";
import { lightenBody } from "./lighten-body.ts";

const keys = new MediaKeys(Buffer.alloc(32, 3));
const file = randomBytes(60_001);
const base64 = file.toString("base64");

function lighten(body: string) {
  return lightenBody(keys, "acme", Buffer.from(body));
}

function withFile(text: string): unknown {
  const light = lighten(
    `{"data":{"message":{"base64":${text},"imageMessage":{"mimetype":"image/png"}}}}`,
  );
  return light && JSON.parse(Buffer.from(light.bytes).toString()).data.message.base64;
}

const reference = {
  url: expect.stringMatching(/^recado-media:[0-9a-f]{64}\.[\w-]+\.[\w-]{22}$/),
  mimetype: "image/png",
  size: file.length,
};

describe("base64 in a body", () => {
  it.each([
    ["as it is", `"${base64}"`],
    ["with escaped slashes", JSON.stringify(base64).replaceAll("/", "\\/")],
    ["with letters as escapes", `"${base64.replaceAll("=", "\\u003d")}"`],
    ["in lines", JSON.stringify(base64.replaceAll(/.{76}/g, "$&\r\n"))],
    ["in the alphabet of links", `"${file.toString("base64url")}"`],
    ["without padding", `"${base64.replaceAll("=", "")}"`],
    ["behind a data prefix", `"data:image/png;base64,${base64}"`],
    [
      "behind one with parameters",
      `"data:audio/ogg; codecs=opus;base64,${base64}"`.replace("; ", ";"),
    ],
  ])("%s is taken out, byte for byte", (_form, text) => {
    const light = lighten(`{"a":${text}}`);
    expect(light?.files.map(({ bytes }) => Buffer.from(bytes).equals(file))).toEqual([true]);
    expect(withFile(text)).toMatchObject(reference);
  });

  it.each([
    ["a long text", `"${"olá tudo bem ".repeat(8_000)}"`],
    ["a text of plain words", `"${"lorem ipsum ".repeat(8_000)}"`],
    ["short lines", JSON.stringify("word\n".repeat(20_000))],
    [
      "one letter too many",
      `"${base64.replaceAll("=", "")}AAA"`
        .replace(/A+"$/, 'A"')
        .replace(/^"(.*)"$/, (_, s) => `"${s.slice(0, s.length - ((s.length - 1) % 4))}"`),
    ],
    ["a sign that is none of base64", `"${base64.slice(0, -8)}!${base64.slice(-7)}"`],
    ["padding in the middle", `"${base64.slice(0, 40)}=${base64}"`],
    ["up to 64 KiB", `"${"A".repeat(65_536)}"`],
  ])("is not found in %s, which stays as it is", (_what, text) => {
    expect(lighten(`{"a":${text}}`)).toBeUndefined();
  });

  it.each(["conversation", "text", "caption", "body"])(
    "is not taken for a file where people write: %s",
    (name) => {
      expect(lighten(`{"${name}":"${"k".repeat(70_000)}"}`)).toBeUndefined();
    },
  );

  it("leaves every other byte alone: order, spaces, numbers, repeated members, escapes", () => {
    const around = ['{ "n":1e21,"n":2, "q\\"":"\\u00e9\\\\", "a" : ', ' ,"z":[1.0] }'];
    const light = lighten(`${around[0]}"${base64}"${around[1]}`);
    const text = Buffer.from(light?.bytes ?? []).toString();
    expect(text.startsWith(around[0] ?? "")).toBe(true);
    expect(text.endsWith(around[1] ?? "")).toBe(true);
  });

  it("twice in one body is one file, and the same body gives the same bytes", () => {
    const body = `{"a":"${base64}","b":["${base64}"]}`;
    const light = lighten(body);
    expect(light?.files).toHaveLength(1);
    expect(Buffer.from(light?.bytes ?? []).equals(Buffer.from(lighten(body)?.bytes ?? []))).toBe(
      true,
    );
  });

  it.each([
    `{"a":"${base64}"`,
    `{"a":"${base64}`,
    `{"${base64}":1}`,
    `"${base64}" trailing`,
    `{"a":"${base64}",}`,
  ])("of a body that is no JSON, or as a name, is left to be judged (%#)", (body) => {
    expect(lighten(body)).toBeUndefined();
  });

  it("10,000 levels deep stops nobody", () => {
    const deep = `${"[".repeat(10_000)}"${base64}"${"]".repeat(10_000)}`;
    expect(lighten(`{"a":${deep}}`)?.files).toHaveLength(1);
  });
});

describe("what is said of a file", () => {
  it.each([
    [
      { media: { data: base64, mimetype: "audio/ogg; codecs=opus", filename: "v.oga" } },
      "audio/ogg",
      "v.oga",
    ],
    [
      {
        message: {
          base64,
          documentWithCaptionMessage: {
            message: { documentMessage: { mimetype: "application/pdf", fileName: "conta.pdf" } },
          },
        },
      },
      "application/pdf",
      "conta.pdf",
    ],
    [{ base64, message: { videoMessage: { mimetype: "video/mp4" } } }, "video/mp4", undefined],
    [
      { base64, message: { videoMessage: { mimetype: "no type" } } },
      "application/octet-stream",
      undefined,
    ],
    [{ x: base64 }, "application/octet-stream", undefined],
    [
      { x: Buffer.concat([Buffer.from("%PDF-1.7"), file]).toString("base64") },
      "application/pdf",
      undefined,
    ],
  ])("stands beside it, else is seen in its first bytes (%#)", (body, mimetype, filename) => {
    const light = lighten(JSON.stringify(body));
    const text = Buffer.from(light?.bytes ?? []).toString();
    const about = /recado-media:[0-9a-f]{64}\.([\w-]+)\./.exec(text)?.[1] ?? "";
    expect(readAbout(about)).toEqual({
      mimetype,
      ...(filename === undefined ? {} : { filename }),
    });
  });

  it("a name of megabytes beside many files is not repeated for each", () => {
    const filename = `${"n".repeat(254)}🎉${" n".repeat(300_000)}`;
    const many = Array.from({ length: 20 }, (_, at) => `${base64.slice(0, -8)}${1_000 + at}AAAA`);
    const body = JSON.stringify({ filename, files: { ...many } });
    const light = lighten(body);
    expect(light?.files).toHaveLength(20);
    expect(light?.bytes.length).toBeLessThan(filename.length + 40_000);
    const { files } = JSON.parse(Buffer.from(light?.bytes ?? []).toString());
    expect(files[0].filename).toBe("n".repeat(254));
  });

  it("is looked for once in what holds many files", () => {
    let looks = 0;
    const files = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, `f${at}`]));
    const holder = new Proxy(
      { ...files, videoMessage: { mimetype: "video/mp4" } },
      {
        ownKeys(target) {
          looks++;
          return Reflect.ownKeys(target);
        },
      },
    );
    const said = saidOfFiles({ holder }, new Set(Object.values(files)));
    expect(said.size).toBe(50);
    // One is the walk itself.
    expect(looks).toBeLessThanOrEqual(2);
  });
});
