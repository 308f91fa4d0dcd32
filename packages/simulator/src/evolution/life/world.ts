import type { Clock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import type { DeliveryReport } from "../../sending/attempt.ts";
import { familyConfigNames } from "../evolution-event-names.ts";
import type { EvolutionFamily } from "../evolution-retry.ts";
import type { EvolutionEvent } from "../evolution-webhook.ts";
import {
  createInstance,
  type FakeEvolutionInstance,
  type FakeInstance,
  rowId,
} from "../state/fake-instance.ts";
import type { Fresh } from "../state/webhook-set.ts";

/** What the parts of one fake Evolution share. */
export interface World {
  readonly instances: Map<string, FakeInstance>;
  readonly clock: Clock;
  readonly random: Random;
  /** Which generation of the server this is. */
  readonly family: EvolutionFamily;
  readonly version: string;
  /** `AUTHENTICATION_API_KEY`. */
  apikey: string;
  /** Whether the server reaches WhatsApp at all. */
  online: boolean;
  /** `WEBSOCKET_ENABLED`. */
  readonly websocketEnabled: boolean;
  /** Digits of numbers that have no WhatsApp. */
  readonly absentNumbers: Set<string>;
  /** Something happened on an instance: stored, and told to its sockets and webhooks. Never rejects. */
  emit(instance: FakeInstance, event: EvolutionEvent): Promise<readonly DeliveryReport[]>;
}

/** ISO 8601. */
export function timeOf({ clock }: World): string {
  return new Date(clock.now()).toISOString();
}

/** What a row that is written now gets. */
export function freshRow(world: World, instance: FakeInstance): Fresh {
  return {
    id: rowId(world.random),
    instanceId: instance.id,
    now: timeOf(world),
    names: familyConfigNames[world.family],
  };
}

/** Adds an instance; one of that name must not exist. */
export function addInstance(world: World, given: FakeEvolutionInstance): FakeInstance {
  if (world.instances.has(given.name))
    throw new Error(`there is an instance "${given.name}" already`);
  const instance = createInstance(given, world.random, timeOf(world));
  world.instances.set(given.name, instance);
  return instance;
}
