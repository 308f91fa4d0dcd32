import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";

interface Started {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Turns of the event loop without anything under way, after which nothing is. */
const quietTurns = 25;
/** Work that is between two parts of this process, or at the disk. */
const underWay: ReadonlySet<string> = new Set([
  "FSReqCallback",
  "GetAddrInfoReqWrap",
  "TCPConnectWrap",
]);

/** Sees every request to every server of this process, so that time only moves when nothing waits for an answer. */
export class Quiet {
  #requests = 0;
  readonly #started = (message: unknown): void => {
    const { response } = message as Started;
    this.#requests++;
    response.once("close", () => this.#requests--);
  };

  begin(): void {
    subscribe("http.server.request.start", this.#started);
  }

  end(): void {
    unsubscribe("http.server.request.start", this.#started);
  }

  /** Resolves when everything that was begun was answered and is on the disk. */
  async settled(): Promise<void> {
    for (let turns = 0; turns < quietTurns;) {
      await new Promise((resolve) => setImmediate(resolve));
      const isBusy =
        this.#requests > 0 || process.getActiveResourcesInfo().some((kind) => underWay.has(kind));
      turns = isBusy ? 0 : turns + 1;
    }
  }
}
