/** What a client may say, parsed at the door; everything behind it trusts these types. */
export type ClientMessage = AuthenticateMessage | InstanceMessage;

export interface AuthenticateMessage {
  readonly kind: "authenticate";
  readonly token: string;
  /** Absent: the credential's own tenant. */
  readonly tenantId?: string;
  readonly scope: SocketScope;
}

export interface InstanceMessage {
  readonly kind: "subscribe" | "unsubscribe";
  /** NFC, as instance names are stored. */
  readonly instanceName: string;
}

/** `tenant`: everything of the tenant, whatever is subscribed; `instances`: only what is subscribed. */
export const socketScopes = ["tenant", "instances"] as const;
export type SocketScope = (typeof socketScopes)[number];

export type Parsed<T> =
  | { readonly ok: true; readonly message: T }
  | { readonly ok: false; readonly details: readonly string[] };

const maxNameCharacters = 400;

/** One event of a client: its name and its arguments, acknowledgement callback left out. */
export function parseClientMessage(name: unknown, args: readonly unknown[]): Parsed<ClientMessage> {
  switch (name) {
    case "authenticate":
      return parseAuthenticate(args[0]);
    case "subscribe:instance":
      return parseInstance("subscribe", args[0]);
    case "unsubscribe:instance":
      return parseInstance("unsubscribe", args[0]);
    default:
      return bad(
        "no such event: authenticate, subscribe:instance and unsubscribe:instance are known",
      );
  }
}

/** A token in the handshake: `auth.token`, else `query.token`. Undefined when there is none. */
export function parseHandshake(handshake: {
  readonly auth: unknown;
  readonly query: unknown;
}): Parsed<AuthenticateMessage> | undefined {
  for (const source of [handshake.auth, handshake.query]) {
    if (isRecord(source) && source["token"] !== undefined && source["token"] !== null) {
      return parseAuthenticate(source);
    }
  }
  return undefined;
}

function parseAuthenticate(value: unknown): Parsed<AuthenticateMessage> {
  if (!isRecord(value)) return bad("authenticate takes an object {token, tenantId?, scope?}");
  const { token, tenantId, scope } = value;
  if (typeof token !== "string" || token === "") return bad("token must be a text");
  if (!isAbsent(tenantId) && typeof tenantId !== "string") return bad("tenantId must be a text");
  const wanted = isAbsent(scope) ? "tenant" : socketScopes.find((known) => known === scope);
  if (wanted === undefined) return bad('scope must be "tenant" or "instances"');
  const tenant = typeof tenantId === "string" && tenantId !== "" ? { tenantId } : {};
  return { ok: true, message: { kind: "authenticate", token, ...tenant, scope: wanted } };
}

function parseInstance(kind: InstanceMessage["kind"], value: unknown): Parsed<InstanceMessage> {
  if (typeof value !== "string" || value === "") return bad("the instance's name must be a text");
  if (value.length > maxNameCharacters) return bad("the instance's name is too long");
  return { ok: true, message: { kind, instanceName: value.normalize("NFC") } };
}

function bad(detail: string): { readonly ok: false; readonly details: readonly string[] } {
  return { ok: false, details: [detail] };
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
