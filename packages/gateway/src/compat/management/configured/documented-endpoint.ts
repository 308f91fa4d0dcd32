import { maskedSecret } from "@recado/protocol";
import type { Caller } from "../../../api/caller.ts";
import { requireUsableHeaders } from "../../../api/endpoints/checks.ts";
import { maskHeaders, unmaskHeaders } from "../../../api/endpoints/header-mask.ts";
import type { ApiOptions } from "../../../api/options.ts";
import { requireUsableUrl } from "../../../api/usable-url.ts";
import { RecadoError } from "../../../base/recado-error.ts";
import { generateSecret } from "../../../deliver/signing.ts";
import type { AsProvider, Endpoint, Instance } from "../../../store/contract/index.ts";
import type { WebhookWish } from "../words/wish.ts";

export type EndpointParts = Pick<
  ApiOptions,
  "store" | "deliverer" | "outbound" | "secretBox" | "clock" | "ids"
>;

/** What a documented webhook asks of an endpoint, judged and complete. */
type Wanted = Pick<Endpoint, "url" | "headers" | "enabled" | "allowPrivate"> & {
  readonly asProvider: AsProvider;
};

const description = "Webhook configurado por /api/webhook-management";
/** Named, because presences and history go only to those who ask for them, and the provider sends them. */
const everyType = ["*"];
/** The header whose value Evolution signs with and never sends. */
const jwtKeyHeader = "jwt_key";

/**
 * The endpoints behind documented webhooks: what was configured as a webhook at the provider is an
 * endpoint here, in the provider's own format, for that one instance.
 */
export class DocumentedEndpoints {
  readonly #parts: EndpointParts;

  constructor(parts: EndpointParts) {
    this.#parts = parts;
  }

  /** Undefined when it was deleted, or was taken from this instance, behind our back. */
  async find(caller: Caller, instance: Instance, id: string): Promise<Endpoint | undefined> {
    const found = await this.#parts.store.directory.endpoint(caller.scope, id);
    return found?.instances?.includes(instance.id) ? found : undefined;
  }

  /**
   * Judges a wish, changing nothing. Throws `url_invalid`, `url_blocked` or `invalid_request`. With the
   * admin key private networks are open, since a neighbour is what the operator points at most often.
   */
  async judge(
    caller: Caller,
    url: string,
    wish: WebhookWish,
    before: Endpoint | undefined,
  ): Promise<Wanted> {
    const isOperator = caller.principal.kind === "admin_key";
    const allowPrivate = isOperator || (before?.url === url && before.allowPrivate);
    await requireUsableUrl(this.#parts.outbound, url, allowPrivate);
    const isSamePlace = before !== undefined && originOf(before.url) === originOf(url);
    const known = isSamePlace ? before : undefined;
    const { headers, jwtKey } = this.#headersOf(wish, known);
    const hmacKey = this.#hmacKeyOf(wish, known);
    const { enabled, events, byEvents } = wish;
    const asProvider: AsProvider = {
      ...(events ? { events } : {}),
      ...(byEvents ? { byEvents: true } : {}),
      ...(jwtKey === undefined ? {} : { jwtKey }),
      ...(hmacKey === undefined ? {} : { hmacKey }),
    };
    return { url, headers, enabled, allowPrivate, asProvider };
  }

  /**
   * Puts what was judged in the place of `before`, or under the new id. One that other instances share is
   * left to them.
   */
  async put({ scope }: Caller, instance: Instance, id: string, wanted: Wanted): Promise<void> {
    const { store, deliverer, secretBox, clock } = this.#parts;
    const changed = await store.directory.updateEndpoint(scope, id, wanted);
    if (!changed) {
      // Before the endpoint exists, so that it has a place in the log from its first moment.
      const { head } = await store.log.bounds(scope);
      await store.deliveries.startAt(scope, id, head);
      await store.directory.createEndpoint(scope, {
        ...wanted,
        id,
        tenantId: scope.tenantId,
        description,
        types: everyType,
        instances: [instance.id],
        format: "provider",
        ordering: "chat",
        secrets: [{ value: secretBox.seal(generateSecret()) }],
        createdAt: clock.now(),
      });
    }
    deliverer.wake(id);
  }

  /** The instance leaves the endpoint; what nobody else shares is deleted. */
  async remove({ scope }: Caller, instance: Instance, endpoint: Endpoint): Promise<void> {
    const { store, deliverer, clock } = this.#parts;
    const { id } = endpoint;
    if (isShared(endpoint)) {
      const instances = (endpoint.instances ?? []).filter((other) => other !== instance.id);
      await store.directory.updateEndpoint(scope, id, { instances });
    } else if (await store.directory.deleteEndpoint(scope, id)) {
      await store.deliveries.cancelEndpoint(scope, id, clock.now());
    }
    deliverer.wake(id);
  }

  newId(): string {
    return this.#parts.ids.next("end");
  }

  /** Masks that came back are replaced, but only for the server that has the values already. */
  #headersOf(
    wish: WebhookWish,
    before: Endpoint | undefined,
  ): { readonly headers: Endpoint["headers"]; readonly jwtKey: string | undefined } {
    const given = unmaskHeaders(wish.headers, before?.headers ?? {});
    const { [jwtKeyHeader]: key, ...headers } = given;
    const masked = Object.keys(headers).find((name) => headers[name] === maskedSecret);
    const keptKey = key === maskedSecret ? before?.asProvider?.jwtKey : undefined;
    const lost =
      masked ?? (key === maskedSecret && keptKey === undefined ? jwtKeyHeader : undefined);
    if (lost !== undefined) throw lostValue(`headers.${lost}`);
    requireUsableHeaders(headers);
    const jwtKey = keptKey ?? (key === undefined ? undefined : this.#parts.secretBox.seal(key));
    return { headers, jwtKey };
  }

  /** WAHA's signing key, sealed; a configuration without one takes it away. */
  #hmacKeyOf({ hmacKey }: WebhookWish, before: Endpoint | undefined): string | undefined {
    if (hmacKey === undefined) return undefined;
    if (hmacKey !== maskedSecret) return this.#parts.secretBox.seal(hmacKey);
    const kept = before?.asProvider?.hmacKey;
    if (kept === undefined) throw lostValue("hmac");
    return kept;
  }
}

/** A mask came back, and what it stands for is not known, or is for another server. */
function lostValue(field: string): RecadoError {
  return new RecadoError("invalid_request", [`${field}: envie o valor novamente`]);
}

/** Several instances use it: it is not for one of them to change. */
export function isShared({ instances }: Endpoint): boolean {
  return (instances?.length ?? 0) > 1;
}

/** Headers as they are shown, the signing key of Evolution among them. */
export function shownHeadersOf({ headers, asProvider }: Endpoint): Record<string, string> {
  const shown = maskHeaders(headers);
  return asProvider?.jwtKey === undefined ? shown : { ...shown, [jwtKeyHeader]: maskedSecret };
}

function originOf(url: string): string | undefined {
  return URL.parse(url)?.origin;
}
