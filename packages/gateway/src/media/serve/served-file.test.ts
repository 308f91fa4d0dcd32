import { describe, expect, it } from "vitest";
import { servedType } from "../file-type.ts";
import { byteRange } from "./byte-range.ts";
import { contentDisposition } from "./disposition.ts";

describe("a range", () => {
  it.each([
    [undefined, { kind: "whole" }],
    ["bytes=0-0", { kind: "part", start: 0, end: 0 }],
    ["bytes=5-", { kind: "part", start: 5, end: 9 }],
    ["bytes=5-99", { kind: "part", start: 5, end: 9 }],
    ["bytes=-3", { kind: "part", start: 7, end: 9 }],
    ["bytes=-99", { kind: "part", start: 0, end: 9 }],
    ["bytes=10-", { kind: "unsatisfiable" }],
    ["bytes=-0", { kind: "unsatisfiable" }],
    ["bytes=99999999999999999999-", { kind: "unsatisfiable" }],
    ["bytes=3-1", { kind: "whole" }],
    ["bytes=0-1,3-4", { kind: "whole" }],
    ["lines=0-1", { kind: "whole" }],
    ["bytes=-", { kind: "whole" }],
    ["bytes=a-b", { kind: "whole" }],
  ])("%s of ten bytes", (header, expected) => {
    expect(byteRange(header, 10)).toEqual(expected);
  });

  it("of an empty file cannot be given", () => {
    expect(byteRange("bytes=0-", 0)).toEqual({ kind: "unsatisfiable" });
    expect(byteRange("bytes=-1", 0)).toEqual({ kind: "unsatisfiable" });
  });
});

describe("a name", () => {
  it.each([
    ["conta.pdf", 'attachment; filename="conta.pdf"'],
    ["../../etc/passwd", 'attachment; filename="etc_passwd"'],
    ["C:\\a\\b.txt", 'attachment; filename="C_a_b.txt"'],
    ['a"; filename="b', 'attachment; filename="a_ filename=_b"'],
    ["a\r\nset-cookie: x", 'attachment; filename="aset-cookie_ x"'],
    [".htaccess", 'attachment; filename="htaccess"'],
    ["...", "attachment"],
    ["", "attachment"],
    [undefined, "attachment"],
    ["gpj.\u202Eexe", 'attachment; filename="gpj.exe"'],
    [
      "relatório (1).pdf",
      "attachment; filename=\"relat_rio (1).pdf\"; filename*=UTF-8''relat%C3%B3rio%20%281%29.pdf",
    ],
    ["\ud83d.png", "attachment; filename=\"_.png\"; filename*=UTF-8''%EF%BF%BD.png"],
  ])("%j", (name, expected) => {
    expect(contentDisposition(false, name)).toBe(expected);
  });

  it("keeps its ending when it is cut", () => {
    expect(contentDisposition(true, `${"a".repeat(500)}.docx`)).toMatch(
      /^inline; filename="a{115}\.docx"$/,
    );
  });
});

describe("a type", () => {
  it.each(["image/jpeg", "audio/ogg; codecs=opus", "video/mp4", "application/pdf", "IMAGE/PNG"])(
    "%s is shown",
    (type) => expect(servedType(type).inline).toBe(true),
  );
  it.each([
    "text/html",
    "image/svg+xml",
    "image/svg",
    "application/xml",
    "text/xml",
    "application/javascript",
    "application/x-shockwave-flash",
    "application/wasm",
    "text/css",
    "text/plain",
    "multipart/x-mixed-replace",
    "video/html",
    "audio/x-mpegurl+xml",
    "image/png\r\nx: y",
    "",
    "png",
    "x".repeat(5_000),
  ])("%j is never told to a browser", (type) => {
    expect(servedType(type)).toEqual({ contentType: "application/octet-stream", inline: false });
  });
});
