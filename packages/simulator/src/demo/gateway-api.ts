import type { ProviderName } from "@recado/protocol";
import { Agent, request } from "undici";

/** The gateway's public HTTP API, as far as the demo calls it. */
export interface GatewayApi {
  /**
   * Makes sure that a server of this name is at this address and that all its numbers are adopted. Rejects
   * with what the gateway says of one that cannot be.
   */
  adopt(name: string, provider: ProviderName, baseUrl: string, apiKey: string): Promise<void>;
  endpoint(
    description: string,
    url: string,
  ): Promise<{ readonly id: string; readonly secret: string }>;
  removeEndpoint(id: string): Promise<void>;
  /** Removes the endpoints that an earlier demo left behind, known by the start of their description. */
  removeEndpointsLike(start: string): Promise<void>;
  close(): Promise<void>;
}

/** The gateway answered something else than was asked for. */
export class GatewayRefusal extends Error {
  readonly status: number;
  constructor(call: string, status: number, code: string) {
    super(`${call}: ${status} ${code}`);
    this.status = status;
  }
}

/** How adopting ended. */
interface Sync {
  readonly failures: readonly {
    readonly instance: string;
    readonly reason: { readonly en: string };
  }[];
  readonly reason?: { readonly en: string };
}

interface Named {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
}

/** Calls `/api/v1` under `baseUrl` with the admin key. */
export function createGatewayApi(baseUrl: string, adminKey: string): GatewayApi {
  const dispatcher = new Agent();

  async function call<T>(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    body?: unknown,
  ): Promise<T> {
    const url = new URL(`/api/v1${path}`, baseUrl);
    const headers = {
      authorization: `Bearer ${adminKey}`,
      ...(body ? { "content-type": "application/json" } : {}),
    };
    const payload = body ? { body: JSON.stringify(body) } : {};
    const answer = await request(url, { method, headers, dispatcher, ...payload });
    const text = await answer.body.text();
    const value = (text === "" ? undefined : JSON.parse(text)) as T;
    if (answer.statusCode < 300) return value;
    const { code = "" } = (value ?? {}) as { readonly code?: string };
    throw new GatewayRefusal(`${method} ${url.pathname}`, answer.statusCode, code);
  }

  async function all(path: string): Promise<readonly Named[]> {
    const found: Named[] = [];
    let cursor: string | undefined;
    do {
      const query: string = cursor === undefined ? "" : `?after=${encodeURIComponent(cursor)}`;
      const page = await call<{ data: Named[]; nextCursor?: string }>("GET", path + query);
      found.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  }

  return {
    async adopt(name, provider, url, apiKey) {
      const known = (await all("/servers")).find((server) => server.name === name);
      const place = { baseUrl: url, apiKey };
      const { id } = known
        ? await call<Named>("PATCH", `/servers/${known.id}`, place)
        : await call<Named>("POST", "/servers", { name, provider, ...place });
      const { failures, reason } = await call<Sync>("POST", `/servers/${id}/sync`, { wait: true });
      const [first] = failures;
      const problem = reason ?? first?.reason;
      if (problem) throw new Error(`${first?.instance ?? name} was not adopted: ${problem.en}`);
    },
    endpoint: (description, url) =>
      call("POST", "/endpoints", { description, url, allowPrivate: true }),
    removeEndpoint: (id) => call("DELETE", `/endpoints/${id}`),
    async removeEndpointsLike(start) {
      for (const { id, description } of await all("/endpoints")) {
        if (description?.startsWith(start)) await call("DELETE", `/endpoints/${id}`);
      }
    },
    close: () => dispatcher.close(),
  };
}
