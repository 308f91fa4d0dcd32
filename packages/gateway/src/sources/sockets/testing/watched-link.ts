import type { Ending } from "../connection/ending.ts";
import type { Link, OpenLink, SocketFrame } from "../connection/link.ts";

/** A link as a test watches it. */
export interface WatchedLink {
  readonly link: Link;
  /** What was told, in order: `opened`, `frame loja`, `missed loja`, `missing loja`, `ended closed`. */
  readonly told: readonly string[];
  readonly unreadable: number;
  bodies(): readonly Readonly<Record<string, unknown>>[];
  opened(): Promise<void>;
  frames(count: number): Promise<void>;
  missed(name: string): Promise<void>;
  missing(name: string): Promise<void>;
  ended(): Promise<Ending>;
  /** Asked again after everything that happens, and at every turn in between. */
  until(condition: () => boolean): Promise<void>;
}

export function watchLink(open: OpenLink): WatchedLink {
  const told: string[] = [];
  const frames: SocketFrame[] = [];
  let unreadable = 0;
  let ending: Ending | undefined;
  const link = open({
    opened: () => void told.push("opened"),
    frame(frame) {
      frames.push(frame);
      told.push(`frame ${frame.instanceName}`);
    },
    unreadable: () => void (unreadable += 1),
    covered: () => undefined,
    missed: (name) => void told.push(`missed ${name}`),
    missing: (name) => void told.push(`missing ${name}`),
    ended(one) {
      ending = one;
      told.push(`ended ${one.reason}`);
    },
  });

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((turn) => setImmediate(turn));
  }
  const toldOf = (word: string) => (): boolean => told.includes(word);

  return {
    link,
    told,
    get unreadable() {
      return unreadable;
    },
    bodies: () =>
      frames.map(
        ({ body }) => JSON.parse(Buffer.from(body()).toString()) as Record<string, unknown>,
      ),
    opened: () => until(toldOf("opened")),
    frames: (count) => until(() => frames.length >= count),
    missed: (name) => until(toldOf(`missed ${name}`)),
    missing: (name) => until(toldOf(`missing ${name}`)),
    async ended() {
      await until(() => ending !== undefined);
      return ending as Ending;
    },
    until,
  };
}
