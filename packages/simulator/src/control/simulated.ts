import type { Cast, Happening } from "../traffic/happening.ts";
import type { Fault } from "../serving/fault.ts";

/**
 * A fake provider as the control routes and the traffic see it: the same words for Evolution and WAHA.
 *
 * Methods that name a number throw when there is none of that name, or when what is asked cannot happen
 * now (a scan while no code is shown). None waits for deliveries: those may go on for twenty minutes.
 */
export interface Simulated {
  readonly provider: "evolution" | "waha";
  readonly url: string;
  /** In the order in which they were created. */
  numbers(): readonly SimulatedNumber[];
  /** The messages that the provider's own lists have, as they have them, in the order in which they came. */
  messages(name: string): readonly unknown[];
  /** Calls of the management API by route, since the start. */
  calls(): Readonly<Record<string, number>>;

  scan(name: string, who: Scanned): Begun;
  nextCode(name: string): Begun;
  open(name: string): Begun;
  /** `code` is WhatsApp's own: 401 logged out, 403 banned, 428 connection closed. */
  close(name: string, code: number): Begun;
  /** WAHA loops by itself, whatever `count` says. */
  flap(name: string, count: number): Begun;
  receive(name: string, message: SimulatedMessage): Begun;
  /** Any event as it is. */
  emit(name: string, event: string, data: unknown): Begun;
  perform(name: string, cast: Cast, happening: Happening): Begun;
  freeze(name: string): Begun;
  thaw(name: string): Begun;
  /** Somebody points the webhook elsewhere without asking; null removes it. */
  drift(name: string, url: string | null): Begun;

  lose(count: number, name: string | undefined, channel: LossChannel): void;
  fail(fault: Fault): () => void;
  setLatency(ms: number): void;
  setKey(key: string): void;
  setNetwork(reachable: boolean): void;
  /** Resolves once the port is closed. */
  stop(): Promise<void>;
  /** Resolves once the address answers again. */
  start(missed: "sent" | "kept"): Promise<void>;
}

/** What an action may still be doing once it has begun: deliveries. */
export type Begun = Promise<unknown> | void;

export type LossChannel = "webhook" | "socket" | "both";

export interface SimulatedNumber {
  readonly name: string;
  /** As the provider calls it: `open`, `WORKING`. */
  readonly state: string;
  /** Whether messages flow in that state. */
  readonly connected: boolean;
  readonly messages: number;
  /** Addresses of its own webhooks. */
  readonly webhooks: readonly string[];
}

export interface Scanned {
  /** Digits. Default: the number's own, or made up. */
  readonly phone?: string;
  readonly profileName?: string;
}

export interface SimulatedMessage {
  /** Digits of whoever writes. */
  readonly phone: string;
  readonly name?: string;
  readonly text?: string;
  /** `120363000000000201@g.us`. */
  readonly group?: string;
  readonly addressing?: "phone" | "lid" | "lid_only";
  readonly lid?: string;
  /** WhatsApp's id of the message. Default: made up. */
  readonly id?: string;
  /** A picture of one pixel, whose caption is the text. */
  readonly image?: boolean;
}
