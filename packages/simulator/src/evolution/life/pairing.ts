import type { FakeInstance } from "../state/fake-instance.ts";
import { nextQrCode, noQrCode, type QrCode } from "../state/qr-code.ts";
import { connecting, emitAll } from "./connection.ts";
import type { World } from "./world.ts";

export interface QrOptions {
  /** Milliseconds that one code is shown. Default 45,000, as 2.3 sets it. */
  readonly everyMs?: number;
  /** `QRCODE_LIMIT`. Default 30. */
  readonly limit?: number;
}

/** Codes that follow each other until one is scanned or the limit is reached. */
export interface Pairing {
  /** Begins, or goes on: what the server has to show now. `number` (digits) asks for a pairing code too. */
  begin(instance: FakeInstance, number?: string): QrCode;
  /** The code that is shown now expires. */
  next(instance: FakeInstance): void;
  /** No further codes. */
  end(instance: FakeInstance): void;
  endAll(): void;
}

export function createPairing(world: World, { everyMs = 45_000, limit = 30 }: QrOptions): Pairing {
  const timers = new Map<FakeInstance, () => void>();
  const numbers = new Map<FakeInstance, string>();

  function stopTimer(instance: FakeInstance): void {
    timers.get(instance)?.();
    timers.delete(instance);
  }

  /** The limit: both events, and the server gives up (2.3 sends no `close` for it). */
  function giveUp(instance: FakeInstance): void {
    const message = "QR code limit reached, please login again";
    const data = { instance: instance.name, state: "refused", statusReason: 428 };
    const { owner: wuid, profileName } = instance;
    void emitAll(world, instance, [
      { event: "qrcode.updated", data: { message, statusCode: 500 } },
      { event: "connection.update", data: { ...data, wuid, profileName } },
    ]);
    instance.qr = noQrCode;
    instance.state = "close";
  }

  function next(instance: FakeInstance): void {
    stopTimer(instance);
    if (instance.state !== "connecting") return;
    if (instance.qr.count >= limit) return giveUp(instance);
    instance.qr = nextQrCode(instance.qr, numbers.get(instance), world.random);
    instance.storedState = "connecting";
    const { pairingCode, code, base64 } = instance.qr;
    const qrcode = { instance: instance.name, pairingCode, code, base64 };
    void world.emit(instance, { event: "qrcode.updated", data: { qrcode } });
    timers.set(
      instance,
      world.clock.after(everyMs, () => next(instance)),
    );
  }

  function end(instance: FakeInstance): void {
    stopTimer(instance);
    numbers.delete(instance);
    instance.qr = noQrCode;
  }

  return {
    begin(instance, number) {
      if (number !== undefined) numbers.set(instance, number);
      if (instance.state === "connecting") return instance.qr;
      // Without a way to WhatsApp there is never a code (recorded).
      instance.state = "connecting";
      void connecting(world, instance);
      if (world.online) next(instance);
      return instance.qr;
    },
    next,
    end,
    endAll() {
      for (const instance of timers.keys()) stopTimer(instance);
      numbers.clear();
    },
  };
}
