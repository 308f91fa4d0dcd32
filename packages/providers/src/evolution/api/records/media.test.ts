import { afterEach, beforeEach, expect, test } from "vitest";
import type { AnsweringServer } from "../../../api/testing/answering-server.ts";
import { apiFor, errorAnswer, startEvolution } from "../../testing/recordings.ts";

let server: AnsweringServer;
beforeEach(async () => {
  server = await startEvolution();
});
afterEach(() => server.close());

const path = "/chat/getBase64FromMediaMessage/a";
const file = Buffer.from("a file's bytes");

test("a file comes as its bytes, with what WhatsApp says about it", async () => {
  const answer = {
    mediaType: "documentMessage",
    fileName: "../nota fiscal.pdf",
    caption: null,
    size: { fileLength: { low: 14, high: 0, unsigned: true } },
    mimetype: "application/pdf",
    base64: file.toString("base64"),
    buffer: null,
  };
  server.on("POST", path, { status: 201, body: answer });
  const found = await apiFor(server).media("a", "3EB0");
  expect(Buffer.from(found.bytes).toString()).toBe("a file's bytes");
  expect({ ...found, bytes: undefined }).toEqual({
    mimetype: "application/pdf",
    fileName: "../nota fiscal.pdf",
    mediaType: "documentMessage",
  });
  expect(server.requests.at(-1)?.body).toEqual({
    message: { key: { id: "3EB0" } },
    convertToMp4: false,
  });
  server.on("POST", path, {
    status: 201,
    body: { base64: `data:image/png;base64,${answer.base64}` },
  });
  expect((await apiFor(server).media("a", "3EB0")).bytes).toEqual(file);
});

test("a file that is longer than allowed is not read to its end", async () => {
  const body = { base64: Buffer.alloc(200_000).toString("base64"), mimetype: "image/png" };
  server.on("POST", path, { status: 201, body });
  const api = apiFor(server);
  for (const maxBytes of [100_000, 199_999]) {
    await expect(api.media("a", "3EB0", { maxBytes })).rejects.toMatchObject({
      code: "unexpected_answer",
    });
  }
  expect((await api.media("a", "3EB0", { maxBytes: 200_000 })).bytes).toHaveLength(200_000);
});

test.each([
  [errorAnswer(400, "Bad Request", ["Message not found"]), "not_found"],
  [errorAnswer(400, "Bad Request", ["The message is not of the media type"]), "invalid_request"],
  [errorAnswer(500, "Internal Server Error", "Connection Closed"), "wrong_state"],
  [{ status: 201, body: {} }, "unexpected_answer"],
  [{ status: 201, body: { base64: "" } }, "unexpected_answer"],
  [{ status: 201, body: { base64: "no base64!" } }, "unexpected_answer"],
  [{ status: 201, body: { base64: { "0": 1 } } }, "unexpected_answer"],
])("without a file is an error: %j", async (answer, code) => {
  server.on("POST", path, answer);
  await expect(apiFor(server).media("a", "3EB0")).rejects.toMatchObject({ code });
});
