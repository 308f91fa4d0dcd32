import type { EvolutionEvent } from "../evolution-webhook.ts";
import { isObject } from "../state/complaints.ts";
import type { FakeInstance } from "../state/fake-instance.ts";
import { noQrCode } from "../state/qr-code.ts";

const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/** State, and who it is once it opened. The database knows only the ends: `open` and `close`. */
function followConnection(instance: FakeInstance, data: unknown): void {
  if (!isObject(data)) return;
  const state = text(data["state"]);
  // A refused code ends the pairing: memory says `close` from then on.
  if (state !== undefined) instance.state = state === "refused" ? "close" : state;
  if (state === "open" || state === "close") instance.storedState = state;
  if (state === "open") {
    instance.qr = noQrCode;
    instance.disconnection = undefined;
  }
  instance.owner = text(data["wuid"]) ?? instance.owner;
  instance.profileName = text(data["profileName"]) ?? instance.profileName;
}

function followEnd(instance: FakeInstance, data: unknown): void {
  if (!isObject(data)) return;
  const at = text(data["disconnectionAt"]);
  if (at === undefined) return;
  instance.disconnection = {
    code: Number(data["disconnectionReasonCode"]),
    object: String(data["disconnectionObject"]),
    at,
  };
}

/** Keeps an instance's lists and state true to what was announced. `now` is ISO 8601. */
export function follow(instance: FakeInstance, event: EvolutionEvent, now: string): void {
  if (event.event === "connection.update") followConnection(instance, event.data);
  if (event.event === "status.instance") followEnd(instance, event.data);
  instance.messages.follow(event);
  instance.book.follow(event, now);
}
