import type { ServerResponse } from "node:http";
import type { Answer } from "./answer.ts";

const fillerChunk = Buffer.alloc(64 * 1024, "x");

function writeFiller(response: ServerResponse, bytes: number): void {
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      const chunk = fillerChunk.subarray(0, Math.min(left, fillerChunk.length));
      left -= chunk.length;
      if (!response.write(chunk)) return void response.once("drain", more);
    }
    response.end();
  };
  more();
}

/** Carries out a scripted answer. */
export function giveAnswer(answer: Answer, response: ServerResponse): void {
  const { socket } = response;
  switch (answer.kind) {
    case "hang":
      return;
    case "reset":
      socket?.resetAndDestroy();
      return;
    case "garbage":
      socket?.end("%PDF-1.4 this is not HTTP\r\n\r\n\u0000\u0001\u0002");
      return;
    case "cut":
      response.writeHead(answer.status, { "content-length": "1000" });
      response.write("a tenth of it", () => socket?.destroy());
      return;
    case "answer": {
      const length = answer.bodyBytes ?? Buffer.byteLength(answer.body ?? "");
      const bodiless = answer.status === 204 || answer.status === 304;
      response.writeHead(answer.status, {
        ...answer.headers,
        ...(bodiless ? {} : { "content-length": length }),
      });
      if (answer.bodyBytes === undefined || bodiless)
        response.end(bodiless ? "" : (answer.body ?? ""));
      else writeFiller(response, answer.bodyBytes);
    }
  }
}
