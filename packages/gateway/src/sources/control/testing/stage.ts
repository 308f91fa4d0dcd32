import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ProviderName } from "@recado/protocol";
import { createSecretBox } from "../../../base/secret-box.ts";
import { systemClock } from "../../../base/clock.ts";
import { createOutbound } from "../../../outbound/index.ts";
import type { ProviderServer } from "../../../store/contract/index.ts";
import {
  createServerControls,
  type ServerControls,
  type ServerControlsOptions,
} from "../controls.ts";
import type { WantedHook } from "../server-control.ts";

export interface ControlStage {
  readonly controls: ServerControls;
  /** A server of the store as an operator registered it. */
  server(provider: ProviderName, baseUrl: string, apiKey: string): ProviderServer;
  close(): Promise<void>;
}

/** Controls over the real outgoing client, which reaches the loopback address. */
export function createStage(options: Partial<ServerControlsOptions> = {}): ControlStage {
  const secretBox = createSecretBox(randomBytes(32));
  const outbound = createOutbound();
  const controls = createServerControls({ outbound, secretBox, clock: systemClock, ...options });
  let servers = 0;
  return {
    controls,
    server(provider, baseUrl, apiKey) {
      servers += 1;
      return {
        id: `srv_${servers}`,
        tenantId: "default",
        name: `server ${servers}`,
        provider,
        baseUrl,
        apiKey: secretBox.seal(apiKey),
        ingestToken: "token",
        allowPrivate: true,
        createdAt: 1_800_000_000_000,
      };
    },
    async close() {
      controls.close();
      await outbound.close();
    },
  };
}

const base = "https://gateway.example/in/";

/** Our webhook; every address below our own is ours. */
export const ourHook: WantedHook = {
  url: `${base}ingest-token-of-one-instance`,
  secret: "a-secret-of-one-instance-0123456789",
  isOurs: (url) => url.startsWith(base),
};

/** What a test must never find in something that is shown. */
export const ourSecrets = [ourHook.secret, "ingest-token-of-one-instance"];

export interface OddServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A server that answers what the test says. */
export async function startOddServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<OddServer> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
