import { describe, expect, it } from "vitest";
import { wahaThatSays } from "../testing/answer-server.ts";
import { recordedAnswer } from "../testing/recorded-answer.ts";
import { filePathOf } from "./file-path.ts";

const accepted: readonly (readonly [string, string])[] = [
  ["http://localhost:3000/api/files/default/3EB0.jpeg", "/api/files/default/3EB0.jpeg"],
  ["/api/files/default/3EB0.jpeg", "/api/files/default/3EB0.jpeg"],
  ["https://evil.example.com/api/files/default/a.jpeg", "/api/files/default/a.jpeg"],
  ["http://169.254.169.254/api/files/default/a.jpeg", "/api/files/default/a.jpeg"],
  ["https://user:pw@waha.example.com/behind/api/files/s/a.jpeg?x=1#y", "/api/files/s/a.jpeg"],
  ["http://localhost/api/files/a.jpeg", "/api/files/a.jpeg"],
  [
    "http://localhost/api/files/loja%201/false_5511900000009@c.us_3EB0.oga",
    "/api/files/loja%201/false_5511900000009%40c.us_3EB0.oga",
  ],
  ["http://localhost/api/files/ação/é.jpeg", "/api/files/a%C3%A7%C3%A3o/%C3%A9.jpeg"],
];

const refused: readonly string[] = [
  "",
  "https://mmg.whatsapp.net/v/t62.7118-24/00000000_n.enc",
  "https://bucket.s3.amazonaws.com/default/3EB0.jpeg?X-Amz-Signature=1",
  "file:///api/files/default/a.jpeg",
  "data:image/png;base64,iVBOR",
  "http://localhost/api/files/",
  "http://localhost/api/files/default/",
  "http://localhost/api/files//a.jpeg",
  "http://localhost/api/files/../sessions",
  "http://localhost/api/files/%2e%2e/sessions",
  "http://localhost/api/files/default/..%2f..%2fsessions",
  "http://localhost/api/files/default/..%5c..%5csessions",
  "http://localhost/api/files/default/a%00.jpeg",
  "http://localhost/api/files/default/a%0d%0a.jpeg",
  "http://localhost/api/files/default/%E0%A4%A",
  "http://localhost/api/files/a/b/c/d/e.jpeg",
  "http://localhost/api/sessions",
];

describe("of a media address only the file is taken", () => {
  it.each(accepted)("%s", async (address, path) => {
    const { api, requests, url } = await wahaThatSays([recordedAnswer("file-download")]);
    const { mimeType } = await api.downloadMedia(address);
    expect(mimeType).toBe("image/jpeg");
    expect(requests.map((request) => request.url)).toEqual([path]);
    expect(requests[0]?.headers["host"]).toBe(new URL(url).host);
  });

  it.each(refused)("and %j is none", async (address) => {
    expect(filePathOf(address)).toBeUndefined();
    const { api, requests } = await wahaThatSays([]);
    await expect(api.downloadMedia(address)).rejects.toMatchObject({ code: "invalid_request" });
    expect(requests).toEqual([]);
  });

  it("whose type nobody can use is plain bytes", async () => {
    const odd = { status: 200, headers: { "content-type": "<script>" }, body: "x" };
    const { api } = await wahaThatSays([odd]);
    expect((await api.downloadMedia("/api/files/a/b")).mimeType).toBe("application/octet-stream");
  });
});
