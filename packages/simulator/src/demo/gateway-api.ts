import type { ProviderName } from "@recado/protocol";
import { Agent, request } from "undici";

/** The gateway's public HTTP API, as far as the demo calls it. */
export interface GatewayApi {
  /** Makes sure that a server of this name is at this address. Returns its id. */
  server(name: string, provider: ProviderName, baseUrl: string, apiKey: string): Promise<string>;
  /** Makes sure that an instance of this name exists with this secret. Returns its webhook address. */
  instance(instance: DemoInstance): Promise<string>;
  endpoint(
    description: string,
    url: string,
  ): Promise<{ readonly id: string; readonly secret: string }>;
  removeEndpoint(id: string): Promise<void>;
  /** Removes the endpoints that an earlier demo left behind, known by the start of their description. */
  removeEndpointsLike(start: string): Promise<void>;
  close(): Promise<void>;
}

export interface DemoInstance {
  readonly name: string;
  readonly provider: ProviderName;
  readonly serverId: string;
  readonly webhookSecret?: string;
}

/** The gateway answered something else than was asked for. */
export class GatewayRefusal extends Error {
  readonly status: number;
  constructor(call: string, status: number, code: string) {
    super(`${call}: ${status} ${code}`);
    this.status = status;
  }
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

  async function existing(name: string): Promise<Named | undefined> {
    try {
      return await call<Named>("GET", `/instances/${encodeURIComponent(name)}`);
    } catch (error) {
      if (error instanceof GatewayRefusal && error.status === 404) return undefined;
      throw error;
    }
  }

  return {
    async server(name, provider, url, apiKey) {
      const known = (await all("/servers")).find((server) => server.name === name);
      const place = { baseUrl: url, apiKey };
      if (!known) return (await call<Named>("POST", "/servers", { name, provider, ...place })).id;
      return (await call<Named>("PATCH", `/servers/${known.id}`, place)).id;
    },
    async instance({ name, provider, serverId, webhookSecret }) {
      const known = await existing(name);
      const { ingestUrl } = known
        ? await call<{ ingestUrl: string }>("PATCH", `/instances/${known.id}`, {
            serverId,
            webhookSecret: webhookSecret ?? null,
          })
        : await call<{ ingestUrl: string }>("POST", "/instances", {
            name,
            provider,
            serverId,
            ...(webhookSecret === undefined ? {} : { webhookSecret }),
          });
      // The gateway tells the address that others use; the demo is beside it.
      return new URL(new URL(ingestUrl).pathname, baseUrl).href;
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
