import type { Instance, ProviderServer, TenantScope } from "../../../store/contract/index.ts";

/**
 * Our own webhook at a session's provider: the one place where the documented routes and the adoption of
 * servers meet. Both actions reject with a `ProviderApiError` or a `Refusal`.
 */
export interface OwnWebhook {
  /**
   * Puts it in place and reads it back; from then on it is kept there. Rejects with
   * {@link AddressInTheWay}, too. `media`: whether they are to come inside the bodies; absent: as before.
   */
  install(
    scope: TenantScope,
    instance: Instance,
    server: ProviderServer,
    media?: boolean,
  ): Promise<void>;
  /** Lets go of it on purpose: nobody puts it back until `install`. What stood there before may come back. */
  release(scope: TenantScope, instance: Instance, server: ProviderServer): Promise<void>;
  /** The endpoint that stands in for the address which the provider had before ours; undefined for none. */
  keptEndpointId(scope: TenantScope, instance: Instance): Promise<string | undefined>;
}

/**
 * The address that the provider has could not go on receiving as an endpoint, so ours was not put in its
 * place: it may only be replaced where somebody asks for that.
 */
export class AddressInTheWay extends Error {
  override readonly name = "AddressInTheWay";
  /** Why, in Portuguese. */
  readonly sentence: string;

  constructor(sentence: string) {
    super("the provider's present address could not go on receiving");
    this.sentence = sentence;
  }
}

/** Recognises addresses of ours, whatever token they have. */
export interface OwnAddresses {
  /** The webhook address of an instance. */
  of(instance: Instance): string;
  isOurs(url: string): boolean;
}

const documentedDoor = /^\/api\/webhooks\/(?:whatsapp|evolution|waha)(?:\/|$)/;
const localNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

function originsOf(url: URL): readonly string[] {
  return localNames.has(url.hostname)
    ? [...localNames].map((name) => `${url.protocol}//${name}${url.port && `:${url.port}`}`)
    : [url.origin];
}

/** `publicUrl` is read at each use: the port may be chosen late. */
export function ownAddresses(publicUrl: () => string): OwnAddresses {
  return {
    of: ({ ingestToken }) => `${publicUrl()}/in/${ingestToken}`,
    isOurs(text) {
      const [base, url] = [URL.parse(publicUrl()), URL.parse(text)];
      if (!base || !url || !originsOf(base).includes(url.origin)) return false;
      const root = base.pathname.replace(/\/$/, "");
      if (!url.pathname.startsWith(`${root}/`)) return false;
      const path = url.pathname.slice(root.length);
      return path.startsWith("/in/") || documentedDoor.test(path);
    },
  };
}
