import type { DeliveryReport } from "../../sending/attempt.ts";
import type { FakeInstance } from "../state/fake-instance.ts";
import { connecting, dropped, emitAll, opened, type Who } from "./connection.ts";
import type { Pairing } from "./pairing.ts";
import type { World } from "./world.ts";

type Reports = Promise<readonly DeliveryReport[]>;

/** What happens to a number from outside the server: its phone, WhatsApp, the network. */
export interface PhoneActions {
  /** Somebody scans the code (or types the pairing code): `connecting`, then `open`. Throws when none is shown. */
  scan(instance: string, who?: Who): Reports;
  /** The code on the screen expires now instead of at its time. Throws when none is shown. */
  nextCode(instance: string): void;
  /** The connection is there (again). Throws when nobody ever paired. */
  open(instance: string, who?: Who): Reports;
  /**
   * The connection ends for a code: 401, 402, 403 and 406 for good, with `status.instance`,
   * `logout.instance` and `close`; any other (default 428) leaves it `connecting` until `open`.
   */
  drop(instance: string, code?: number): Reports;
  /** Logged out on the phone: 401. */
  logout(instance: string): Reports;
  /** Banned: 403. */
  ban(instance: string): Reports;
  /** `count` times the same `connecting`, as a server without network sends 36 of them a second. */
  flap(instance: string, count: number): Reports;
}

export function createPhoneActions(
  world: World,
  pairing: Pairing,
  find: (name: string) => FakeInstance,
): PhoneActions {
  function end(name: string, code: number): Reports {
    const instance = find(name);
    pairing.end(instance);
    return dropped(world, instance, code);
  }

  function withCode(name: string): FakeInstance {
    const instance = find(name);
    if (instance.qr.count === 0) throw new Error(`"${name}" shows no code`);
    return instance;
  }

  return {
    async scan(name, who = {}) {
      const instance = withCode(name);
      const number = instance.number ?? "5511900000100";
      const owner = who.owner ?? instance.owner ?? `${number}@s.whatsapp.net`;
      pairing.end(instance);
      const first = connecting(world, instance);
      const second = opened(world, instance, { ...who, owner });
      return [...(await first), ...(await second)];
    },
    nextCode: (name) => pairing.next(withCode(name)),
    open(name, who) {
      const instance = find(name);
      pairing.end(instance);
      return opened(world, instance, who);
    },
    drop: (name, code = 428) => end(name, code),
    logout: (name) => end(name, 401),
    ban: (name) => end(name, 403),
    flap: (name, count) => connecting(world, find(name), count),
  };
}

/** After a restart of the process: whoever was connected connects again, whoever waited shows a new code. */
export async function reconnectAll(world: World, pairing: Pairing, updates: number): Reports {
  const reports = [...world.instances.values()].map(async (instance) => {
    if (instance.integration !== "WHATSAPP-BAILEYS" || instance.storedState === "close") {
      instance.state = instance.storedState;
      return [];
    }
    if (instance.owner === undefined) {
      instance.state = "close";
      pairing.begin(instance);
      return [];
    }
    const first = connecting(world, instance, updates);
    const second = world.online ? opened(world, instance) : emitAll(world, instance, []);
    return [...(await first), ...(await second)];
  });
  return (await Promise.all(reports)).flat();
}
