import { waha } from "@recado/providers";
import { WebSocket } from "ws";
import type { Clock } from "../../../base/clock.ts";
import { failureCodeOf, type Outbound } from "../../../outbound/index.ts";
import { endingOfStatus, endingOfVetting, type Ending } from "../connection/ending.ts";
import type { Link, LinkEvents, SocketFrame, SocketTarget } from "../connection/link.ts";
import { socketAddress } from "./socket-address.ts";

export interface WahaLinkOptions {
  readonly outbound: Pick<Outbound, "vet">;
  readonly clock: Clock;
  /** Bytes of one frame. */
  readonly maxFrameBytes: number;
}

const handshakeMs = 15_000;
/**
 * The upgrade always succeeds, and a bad key is closed some 45 ms later (recorded): only a connection that
 * is still there after this, or that has said something, is one.
 */
const graceMs = 2_000;
/** The server pings every 60 s; two in a row that do not come are the end. */
const heartbeatMs = 75_000;

/** One connection to WAHA's `/ws`, with the events of every session. */
export function openWahaLink(
  target: SocketTarget,
  events: LinkEvents,
  options: WahaLinkOptions,
): Link {
  return new WahaLink(target, events, options);
}

class WahaLink implements Link {
  readonly #events: LinkEvents;
  readonly #options: WahaLinkOptions;
  #socket: WebSocket | undefined;
  #isOpen = false;
  #isOver = false;
  #heardSince = true;
  #missedBeats = 0;
  #error: Ending | undefined;
  #cancelGrace: () => void = () => undefined;
  #cancelBeat: () => void = () => undefined;

  constructor(target: SocketTarget, events: LinkEvents, options: WahaLinkOptions) {
    this.#events = events;
    this.#options = options;
    void this.#connect(target);
  }

  follow(): void {
    // Every session comes over the one connection; the single-session edition ignores the choice anyway.
  }

  covers(): boolean {
    return this.#isOpen;
  }

  close(): void {
    this.#isOver = true;
    this.#cancelGrace();
    this.#cancelBeat();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.removeAllListeners();
    // Ending a connection that is still being made is reported as an error.
    socket.on("error", () => undefined);
    socket.terminate();
  }

  async #connect({ baseUrl, apiKey, allowPrivate }: SocketTarget): Promise<void> {
    const { outbound, clock, maxFrameBytes } = this.#options;
    const vetting = await outbound.vet(baseUrl, { allowPrivate });
    if (this.#isOver) return;
    if (!vetting.ok) return this.#end(endingOfVetting(vetting.errorCode));
    const socket = new WebSocket(socketAddress(vetting.url, apiKey), {
      agent: vetting.agent,
      handshakeTimeout: handshakeMs,
      maxPayload: maxFrameBytes,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.#socket = socket;
    socket.on("open", () => {
      this.#cancelGrace = clock.after(graceMs, () => this.#opened());
      this.#cancelBeat = clock.after(heartbeatMs, () => this.#beat());
    });
    socket.on("ping", () => this.#heard());
    socket.on("message", (data, isBinary) => {
      this.#heard();
      const frame = isBinary ? undefined : frameOf(data as Buffer);
      if (frame === undefined) this.#events.unreadable();
      else this.#events.frame(frame);
    });
    socket.on("error", (error) => {
      this.#error = endingOfError(error);
    });
    socket.on("close", (code, reason) =>
      this.#end(this.#error ?? endingOfClose(code, String(reason))),
    );
  }

  #opened(): void {
    this.#cancelGrace();
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#events.opened();
  }

  #heard(): void {
    this.#heardSince = true;
    this.#opened();
  }

  #beat(): void {
    this.#missedBeats = this.#heardSince ? 0 : this.#missedBeats + 1;
    if (this.#missedBeats >= 2) return this.#end({ reason: "silent" });
    this.#heardSince = false;
    this.#cancelBeat = this.#options.clock.after(heartbeatMs, () => this.#beat());
  }

  #end(ending: Ending): void {
    if (this.#isOver) return;
    this.close();
    this.#events.ended(ending);
  }
}

/** The envelope is taken as it is; only whose it is must be known. */
function frameOf(data: Buffer): SocketFrame | undefined {
  try {
    const body: unknown = JSON.parse(data.toString("utf8"));
    if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
    const { instanceName } = waha.identify(body as Readonly<Record<string, unknown>>);
    return instanceName === undefined ? undefined : { instanceName, body: () => data };
  } catch {
    return undefined;
  }
}

function endingOfError(error: Error): Ending {
  const status = /^Unexpected server response: (\d{3})/.exec(error.message)?.[1];
  if (status !== undefined) return endingOfStatus(Number(status));
  if (error.message === "Opening handshake has timed out")
    return { reason: "unreachable", detail: "timeout" };
  const { code } = error as { readonly code?: unknown };
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return { reason: "too_large" };
  if (typeof code === "string" && code.startsWith("WS_ERR_")) return { reason: "not_understood" };
  const failure = failureCodeOf(error);
  return failure === "blocked_address"
    ? endingOfVetting(failure)
    : { reason: "unreachable", detail: failure };
}

/** 1008 is how WAHA refuses a key: `Unauthorized`, or `Forbidden` for the key of one session. */
function endingOfClose(code: number, reason: string): Ending {
  const detail = String(code);
  if (code !== 1008) return { reason: "closed", detail };
  return { reason: /forbidden/i.test(reason) ? "key_limited" : "key_refused", detail };
}
