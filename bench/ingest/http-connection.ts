import { connect, type Socket } from "node:net";

/**
 * One keep-alive connection that posts and waits, at the least cost to the generator: it reads the
 * status and the length of an answer and nothing else.
 */
export class HttpConnection {
  readonly #socket: Socket;
  #answer = "";
  #done: ((status: number) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => this.#read(chunk));
    socket.on("error", (error) => this.#fail?.(error));
    socket.on("close", () => this.#fail?.(new Error("the server closed a connection")));
  }

  static open(port: number): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("error", reject);
      socket.once("connect", () => resolve(new HttpConnection(socket)));
    });
  }

  /** Resolves with the status. */
  post(request: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#done = resolve;
      this.#fail = reject;
      this.#socket.write(request, "latin1");
    });
  }

  close(): void {
    this.#fail = undefined;
    this.#socket.destroy();
  }

  #read(chunk: string): void {
    this.#answer = this.#answer === "" ? chunk : this.#answer + chunk;
    const end = this.#answer.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = /content-length: (\d+)/i.exec(this.#answer)?.[1];
    if (length === undefined) throw new Error("an answer without content-length");
    if (this.#answer.length < end + 4 + Number(length)) return;
    const status = Number(this.#answer.slice(9, 12));
    this.#answer = "";
    this.#done?.(status);
  }
}
