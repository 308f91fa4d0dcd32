import type { ConnectionReason, EventData, EventInstance, EventType } from "@recado/protocol";
import { evolution, identityKey } from "@recado/providers";
import type { EventLogWriter } from "../../log/index.ts";
import type { Directory } from "../../store/contract/index.ts";
import type { RemoteInstance } from "../control/index.ts";
import type { Finding } from "./silence/finding.ts";
import type { WatchedNumber } from "./number/watched-number.ts";

/**
 * What we tell about a number ourselves. Each occurrence has an identity made of what is known and stored, so
 * that it is told once, also when the program ended between telling and noting it.
 */
export interface OwnEvents {
  /** `instance.silent` or `instance.frozen`. */
  finding(
    number: WatchedNumber,
    finding: Finding,
    evidence: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  /** The pairing is gone, and the provider did not say it in an event of its own. */
  lost(number: WatchedNumber): Promise<void>;
  /** The provider says another state than it told us. `at` is Unix milliseconds. */
  state(number: WatchedNumber, remote: RemoteInstance, at: number): Promise<void>;
}

/** A disconnection's number in words, by what the provider's own event with this number would be read as. */
function reasonOf({ state, disconnectCode }: RemoteInstance): ConnectionReason | undefined {
  if (state !== "close" || disconnectCode === undefined) return undefined;
  const body = {
    event: "connection.update",
    instance: "x",
    data: { state: "close", statusReason: disconnectCode },
  };
  const [draft] = evolution.normalise(body, { receivedAt: 0, bodyHash: "" });
  return draft?.type === "instance.connection_changed" ? draft.data.reason : undefined;
}

export function createOwnEvents(
  writer: Pick<EventLogWriter, "appendOwn">,
  directory: Directory,
): OwnEvents {
  async function tell<T extends EventType>(
    number: WatchedNumber,
    type: T,
    data: EventData[T],
    parts: readonly (string | number)[],
  ): Promise<void> {
    const { tenantId, instanceId } = number;
    const found = await directory.instance({ tenantId }, instanceId);
    if (!found) return;
    const { id, name, provider } = found;
    const instance: EventInstance = { id, name, provider };
    const key = identityKey("own", type, ...parts);
    await writer.appendOwn({ tenantId }, { type, data, identity: { key }, instance });
  }

  return {
    finding(number, { kind, reason }, evidence) {
      const type = `instance.${kind}` as const;
      return tell(number, type, { reason, evidence }, [number.traffic.eventAt]);
    },
    async lost(number) {
      const { lost } = number.connection;
      if (lost) await tell(number, "instance.logged_out", { reason: lost.reason }, [lost.at]);
    },
    state(number, remote, at) {
      const { state, providerState, account, disconnectCode: code } = remote;
      const reason = reasonOf(remote);
      const data: EventData["instance.connection_changed"] = {
        state,
        providerState,
        ...(reason === undefined ? {} : { reason }),
        ...(state === "close" && code !== undefined ? { reasonCode: code } : {}),
        ...(account === undefined ? {} : { account }),
        detail: "found by asking the provider",
      };
      return tell(number, "instance.connection_changed", data, [at]);
    },
  };
}
