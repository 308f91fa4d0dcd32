import { maskedSecret, type endpointRoutes, type Parsed } from "@recado/protocol";
import type { Endpoint, EndpointChange } from "../../store/contract/index.ts";
import type { Caller } from "../caller.ts";
import { instanceIdsOf } from "../instances/find-instance.ts";
import type { ApiOptions } from "../options.ts";
import { definedOnly } from "../present.ts";
import { requireUsableUrl } from "../usable-url.ts";
import {
  requireOperatorFor,
  requireOwnInstances,
  requireUsableHeaders,
  usableSecret,
} from "./checks.ts";
import { fieldIssue } from "../validation.ts";
import { maskHeaders, unmaskHeaders } from "./header-mask.ts";

type Created = Parsed<typeof endpointRoutes.create, "body">;
type Changed = Parsed<typeof endpointRoutes.update, "body">;

/** A new endpoint out of a request that may be granted, with its secret in the clear. */
export async function acceptedEndpoint(
  options: ApiOptions,
  body: Created,
  caller: Caller,
): Promise<{ readonly endpoint: Endpoint; readonly secret: string }> {
  requireOperatorFor(body.allowPrivate, caller);
  requireOwnInstances(caller, body.instances);
  await requireUsableUrl(options.outbound, body.url, body.allowPrivate);
  requireUsableHeaders(body.headers);
  const secret = usableSecret(body.secret);
  const { secret: _given, types, instances, ...rest } = body;
  const instanceIds =
    instances && (await instanceIdsOf(options.store.directory, caller, instances));
  const endpoint: Endpoint = {
    ...definedOnly(rest),
    id: options.ids.next("end"),
    tenantId: caller.scope.tenantId,
    ...(types ? { types: [...new Set(types)] } : {}),
    ...(instanceIds ? { instances: instanceIds } : {}),
    secrets: [{ value: options.secretBox.seal(secret) }],
    createdAt: options.clock.now(),
  };
  return { endpoint, secret };
}

/** What a change means for the address and for who vouches for it. */
async function acceptedAddress(
  options: ApiOptions,
  endpoint: Endpoint,
  body: Changed,
  caller: Caller,
): Promise<Pick<EndpointChange, "url" | "allowPrivate">> {
  requireOperatorFor(body.allowPrivate, caller);
  const moves = body.url !== undefined && body.url !== endpoint.url;
  const isOperator = caller.principal.kind === "admin_key";
  // The operator opened the private network for the address that was there, not for the next one.
  const allowPrivate = body.allowPrivate ?? (endpoint.allowPrivate && (isOperator || !moves));
  if (moves || allowPrivate !== endpoint.allowPrivate) {
    await requireUsableUrl(options.outbound, body.url ?? endpoint.url, allowPrivate);
  }
  return { allowPrivate, ...(body.url !== undefined ? { url: body.url } : {}) };
}

/**
 * A header that is only shown masked does not move along to another host: else it could be had by
 * pointing the endpoint at a host of one's own.
 */
function requireHeadersSentAgain(endpoint: Endpoint, url: string, sent: Changed["headers"]): void {
  if (new URL(url).origin === new URL(endpoint.url).origin) return;
  const headers = sent ?? maskHeaders(endpoint.headers);
  const kept = Object.keys(headers).find((name) => headers[name] === maskedSecret);
  if (kept !== undefined) throw fieldIssue(["headers", kept], "header_needed");
}

/** A provider's key for one receiver is not used to convince another host; undefined: it may stay. */
function movedAsProvider(
  { url, asProvider }: Endpoint,
  next: string | undefined,
): EndpointChange["asProvider"] | undefined {
  if (asProvider === undefined || next === undefined) return undefined;
  if (new URL(next).origin === new URL(url).origin) return undefined;
  const { jwtKey: _jwtKey, hmacKey: _hmacKey, ...rest } = asProvider;
  return rest;
}

/** The change behind a request that may be granted. */
export async function acceptedChange(
  options: ApiOptions,
  endpoint: Endpoint,
  body: Changed,
  caller: Caller,
): Promise<EndpointChange> {
  const { types, instances, description, format, ordering, enabled } = body;
  if (instances !== undefined) requireOwnInstances(caller, instances);
  const headers = body.headers && unmaskHeaders(body.headers, endpoint.headers);
  if (headers) requireUsableHeaders(headers);
  const instanceIds =
    instances && (await instanceIdsOf(options.store.directory, caller, instances));
  const address = await acceptedAddress(options, endpoint, body, caller);
  if (address.url !== undefined) requireHeadersSentAgain(endpoint, address.url, body.headers);
  const asProvider = movedAsProvider(endpoint, address.url);
  return {
    ...address,
    ...(asProvider ? { asProvider } : {}),
    ...definedOnly({ description, format, ordering, enabled, headers }),
    ...(types === undefined ? {} : { types: types && [...new Set(types)] }),
    ...(instanceIds === undefined ? {} : { instances: instanceIds }),
  };
}
