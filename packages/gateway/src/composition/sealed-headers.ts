import type { SecretBox } from "../base/secret-box.ts";
import type { Directory, Endpoint, EndpointChange, Store } from "../store/contract/index.ts";

type Headers = Readonly<Record<string, string>>;

const sealedText = /^v1(?:\.[\w-]*){3}$/;

function each(headers: Headers, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, change(value)] as const),
  );
}

/**
 * The store, with the values of endpoints' headers encrypted in it: they are where people put a receiver's
 * credentials. Everybody else sees them in clear. What version 0.1.0 wrote in clear is read as it is, and
 * sealed when it is written next.
 */
export function withSealedHeaders(store: Store, box: SecretBox): Store {
  const { directory } = store;
  const sealed = (headers: Headers): Headers => each(headers, (value) => box.seal(value));
  function opened(endpoint: Endpoint): Endpoint {
    const open = (value: string): string => (sealedText.test(value) ? box.open(value) : value);
    return { ...endpoint, headers: each(endpoint.headers, open) };
  }
  const changed: Pick<Directory, "createEndpoint" | "endpoint" | "endpoints" | "updateEndpoint"> = {
    createEndpoint: (scope, endpoint) =>
      directory.createEndpoint(scope, { ...endpoint, headers: sealed(endpoint.headers) }),
    async endpoint(scope, id) {
      const endpoint = await directory.endpoint(scope, id);
      return endpoint && opened(endpoint);
    },
    endpoints: async (scope, page) => (await directory.endpoints(scope, page)).map(opened),
    async updateEndpoint(scope, id, change: EndpointChange) {
      const { headers } = change;
      const safe = headers ? { ...change, headers: sealed(headers) } : change;
      const endpoint = await directory.updateEndpoint(scope, id, safe);
      return endpoint && opened(endpoint);
    },
  };
  return { ...store, directory: overlay(directory, changed) };
}

/** `base` with some methods replaced; the others run on `base` itself, which keeps what is private to it. */
function overlay(base: Directory, changed: Partial<Directory>): Directory {
  return new Proxy(base, {
    get(target, name) {
      if (name in changed) return Reflect.get(changed, name) as unknown;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
