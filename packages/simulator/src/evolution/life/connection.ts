import type { DeliveryReport } from "../../sending/attempt.ts";
import type { EvolutionEvent } from "../evolution-webhook.ts";
import type { FakeInstance } from "../state/fake-instance.ts";
import { timeOf, type World } from "./world.ts";

/** How a connection begins and ends, in the order in which each family tells it. */

type Reports = Promise<readonly DeliveryReport[]>;

/** After these the server does not connect again; every other code is a drop, which 2.3 announces only as `connecting`. */
export const finalCodes: readonly number[] = [401, 402, 403, 406];

const reasons: Readonly<Record<number, readonly [error: string, message: string]>> = {
  401: ["Unauthorized", "Stream Errored (conflict)"],
  402: ["Payment Required", "Stream Errored (payment_required)"],
  403: ["Forbidden", "Connection Failure"],
  406: ["Not Acceptable", "Stream Errored (not_acceptable)"],
};

/** Emits at the same moment, in this order. */
export async function emitAll(
  world: World,
  instance: FakeInstance,
  events: readonly EvolutionEvent[],
): Reports {
  return (await Promise.all(events.map((event) => world.emit(instance, event)))).flat();
}

function update(instance: FakeInstance, data: object): EvolutionEvent {
  return { event: "connection.update", data: { instance: instance.name, ...data } };
}

/** `count` updates that say the same: without network the real server sends 36 of them a second (recorded). */
export function connecting(world: World, instance: FakeInstance, count = 1): Reports {
  const event = update(instance, { state: "connecting", statusReason: 200 });
  return emitAll(world, instance, Array<EvolutionEvent>(count).fill(event));
}

export interface Who {
  /** `5511900000100@s.whatsapp.net`. Default: the last owner. */
  readonly owner?: string;
  readonly profileName?: string;
}

/** The number is connected. */
export function opened(world: World, instance: FakeInstance, who: Who = {}): Reports {
  const wuid = who.owner ?? instance.owner;
  if (wuid === undefined)
    throw new Error(`nobody has paired "${instance.name}" yet: name an owner`);
  const profileName = who.profileName ?? instance.profileName;
  const state = { state: "open", statusReason: 200 };
  if (world.family === "2.3") {
    const data = { wuid, profileName, profilePictureUrl: null, ...state };
    return emitAll(world, instance, [update(instance, data)]);
  }
  // Older servers do not say who it is.
  instance.owner = wuid;
  instance.profileName = profileName;
  return emitAll(world, instance, [update(instance, state)]);
}

/** The connection ends for good: logged out on the phone (401), banned (403) and the like. */
export function ended(world: World, instance: FakeInstance, code: number): Reports {
  const closed = update(instance, { state: "close", statusReason: code });
  if (world.family === "1") {
    const data = { instance: instance.name, status: "closed" };
    return emitAll(world, instance, [closed, { event: "status.instance", data }]);
  }
  const [error, message] = reasons[code] ?? ["Unknown", "Connection Terminated"];
  const at = timeOf(world);
  const payload = { statusCode: code, error, message };
  const boom = {
    data: { tag: "stream:error", attrs: { code: String(code) } },
    isBoom: true,
    isServer: false,
    output: { statusCode: code, payload, headers: {} },
  };
  const status = {
    instance: instance.name,
    status: "closed",
    disconnectionAt: at,
    disconnectionReasonCode: code,
    disconnectionObject: JSON.stringify({ error: boom, date: at }),
  };
  return emitAll(world, instance, [
    { event: "status.instance", data: status },
    { event: "logout.instance", data: null },
    closed,
  ]);
}

/**
 * The connection ends for `code`; when that is not final the server tries again, and stays `connecting`
 * until it opens. Servers before 2.3 announce every close.
 */
export async function dropped(world: World, instance: FakeInstance, code: number): Reports {
  if (finalCodes.includes(code)) return ended(world, instance, code);
  const data = { state: "close", statusReason: code };
  const first = world.family === "2.3" ? [] : [update(instance, data)];
  const reports = [emitAll(world, instance, first), connecting(world, instance)];
  return (await Promise.all(reports)).flat();
}
