import { connect, type Socket } from "node:net";
import type { FuzzRequest } from "./fuzz-request.ts";

export interface Answer {
  readonly status: number;
  /** The server says that it closes the connection after this. */
  readonly isLast: boolean;
  readonly contentType: string;
  readonly body: string;
}

/** Longer than any limit of the server for a sender that says nothing more, and than a busy machine takes. */
const answerTimeoutMs = 60_000;

/** A connection that is used again for as long as the server keeps it. */
export class FuzzConnection {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Answers of one request; several or none when its framing is wrong. Rejects when none comes in time. */
  async send(request: FuzzRequest): Promise<readonly Answer[]> {
    if (request.isBroken) {
      const socket = await open(this.#port);
      return exchange(socket, request, Infinity);
    }
    const used = this.#socket;
    const socket = used?.writable === true ? used : await open(this.#port);
    this.#socket = socket;
    const answers = await exchange(socket, request, 1);
    if (answers.length === 0 || answers.at(-1)?.isLast === true) this.close();
    // A kept connection may be closed at any time between two requests: every client tries a new one then.
    return answers.length === 0 && socket === used ? this.send(request) : answers;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      // What matters is what came before it: a server that refuses may reset what is still sent.
      socket.on("error", () => {});
      resolve(socket);
    });
  });
}

/** Writes the request and reads until `wanted` answers are there or the server has closed. */
function exchange(
  socket: Socket,
  request: FuzzRequest,
  wanted: number,
): Promise<readonly Answer[]> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const answers: Answer[] = [];
    const timer = setTimeout(() => {
      finish();
      socket.destroy();
      reject(new Error(`no answer to request ${request.number} in ${answerTimeoutMs} ms`));
    }, answerTimeoutMs);
    const finish = (): void => {
      clearTimeout(timer);
      socket.off("data", read).off("close", closed);
    };
    const closed = (): void => {
      finish();
      resolve(answers);
    };
    const read = (chunk: Buffer): void => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      for (let next = firstAnswer(received); next !== undefined; next = firstAnswer(received)) {
        received = received.subarray(next.length);
        // 100 Continue is no answer yet.
        if (next.answer.status >= 200) answers.push(next.answer);
      }
      if (answers.length < wanted) return;
      finish();
      resolve(answers);
    };
    socket.on("data", read).on("close", closed);
    socket.write(request.head, "latin1");
    socket.write(request.body);
    // A sender whose request has no end goes away: it must not be waited for.
    if (request.isBroken) socket.end();
  });
}

function firstAnswer(
  received: Buffer,
): { readonly answer: Answer; readonly length: number } | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = received.subarray(0, end).toString("latin1");
  const status = Number(head.slice(9, 12));
  const bytes = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  const length = end + 4 + bytes;
  if (received.length < length) return undefined;
  const contentType = /^content-type: *([^\r\n]*)/im.exec(head)?.[1] ?? "";
  const body = received.subarray(end + 4, length).toString();
  const isLast = /^connection: *close/im.test(head);
  return { answer: { status, isLast, contentType, body }, length };
}
