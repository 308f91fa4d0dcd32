import type { Random } from "../../random.ts";

/** Keys beside the server's own, free since 2026.6.1: of one session, with the actions they may do. */

export const keyActions = ["read", "send", "control", "setting", "app", "delete"] as const;
export type KeyAction = (typeof keyActions)[number];

export interface WahaKey {
  readonly id: string;
  readonly key: string;
  readonly isActive: boolean;
  readonly isAdmin: boolean;
  readonly session: string | null;
  /** Null: all of them. */
  readonly actions: Readonly<Record<KeyAction, boolean>> | null;
}

/** What a caller may do: everything, or what its key says. */
export type Caller =
  | { readonly kind: "admin" }
  | { readonly kind: "scoped"; readonly key: WahaKey };

/** Whether `caller` may do `action` on `session`; `media` is the download that every key of it may. */
export function mayDo(
  caller: Caller,
  action: KeyAction | "media" | "admin",
  session: string | undefined,
): boolean {
  if (caller.kind === "admin" || caller.key.isAdmin) return true;
  if (action === "admin" || session === undefined || caller.key.session !== session) return false;
  return action === "media" || caller.key.actions === null || caller.key.actions[action];
}

export interface KeyRing {
  list(): readonly WahaKey[];
  add(key: Partial<WahaKey>): WahaKey;
  /** The download-only key of a session; the same on every call. */
  media(session: string): WahaKey;
  remove(id: string): void;
  find(key: string): WahaKey | undefined;
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const nothing = {
  read: false,
  send: false,
  control: false,
  setting: false,
  app: false,
  delete: false,
};
/** Keys kept; more are refused by forgetting the oldest. */
const mostKeys = 1_000;

export function createKeyRing(random: Random, given: readonly Partial<WahaKey>[] = []): KeyRing {
  const keys = new Map<string, WahaKey>();
  const ring: KeyRing = {
    list: () => [...keys.values()],
    add(part) {
      const key: WahaKey = {
        id: part.id ?? `key_id_${random.text(letters, 26).toLowerCase()}`,
        key: part.key ?? `key_${random.text(letters, 32)}`,
        isActive: part.isActive ?? true,
        isAdmin: part.isAdmin ?? false,
        session: part.session ?? null,
        actions: part.actions ?? null,
      };
      keys.set(key.id, key);
      const [oldest] = keys.keys();
      if (keys.size > mostKeys && oldest !== undefined) keys.delete(oldest);
      return key;
    },
    media(session) {
      const id = `key_id_media_${session}`;
      return keys.get(id) ?? ring.add({ id, session, actions: nothing });
    },
    remove: (id) => void keys.delete(id),
    find: (text) => [...keys.values()].find(({ key, isActive }) => isActive && key === text),
  };
  for (const part of given) ring.add(part);
  return ring;
}
