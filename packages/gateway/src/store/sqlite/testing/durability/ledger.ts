/** An event that was acknowledged. */
export interface LedgerEvent {
  readonly offset: number;
  readonly id: string;
  readonly receivedAt: number;
}

/**
 * What a process said was acknowledged, over any number of processes on one folder. Lines are those of
 * `work.ts`; a last line that a kill tore is left out, since nobody was told what it says.
 */
export class Ledger {
  readonly tenants = new Set<string>();
  readonly events = new Map<string, LedgerEvent[]>();
  readonly pairs: {
    readonly tenantId: string;
    readonly instanceId: string;
    readonly lid: string;
    readonly phone: string;
  }[] = [];
  /** By tenant: events received before this time may be gone. */
  readonly expires = new Map<string, number>();
  readonly leaving = new Set<string>();
  readonly left = new Set<string>();
  /** By tenant: the last offset that was planned. */
  readonly planned = new Map<string, number>();
  readonly delivered: { readonly tenantId: string; readonly id: string }[] = [];
  /** By tenant and key. */
  readonly records = new Map<string, number>();
  acknowledged = 0;
  #rest = "";

  /** A piece of the process's output. */
  read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#take(line.split(" "));
  }

  /** The process is gone. */
  end(): void {
    this.#rest = "";
  }

  #take([kind, tenantId = "", ...rest]: readonly string[]): void {
    this.acknowledged += 1;
    const [first = "", second = "", third = ""] = rest;
    switch (kind) {
      case "event": {
        const list = this.events.get(tenantId) ?? [];
        list.push({ offset: Number(first), id: second, receivedAt: Number(third) });
        this.events.set(tenantId, list);
        return;
      }
      case "pair":
        this.pairs.push({ tenantId, instanceId: first, lid: second, phone: third });
        return;
      case "tenant":
        this.tenants.add(tenantId);
        return;
      case "planned":
        this.planned.set(tenantId, Number(first));
        return;
      case "delivered":
        this.delivered.push({ tenantId, id: first });
        return;
      case "record":
        this.records.set(`${tenantId} ${first}`, Number(second));
        return;
      case "left":
        this.left.add(tenantId);
        return;
      default:
        this.#takeAnnouncement(kind, tenantId, first);
    }
  }

  /** What may happen from now on is nothing that was acknowledged. */
  #takeAnnouncement(kind: string | undefined, tenantId: string, first: string): void {
    this.acknowledged -= 1;
    if (kind === "leaving") this.leaving.add(tenantId);
    else if (kind === "expires") this.expires.set(tenantId, Number(first));
    else if (kind !== "opening") throw new Error(`the work said "${kind ?? ""}"`);
  }
}
