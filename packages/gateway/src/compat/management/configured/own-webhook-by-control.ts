import { createHash } from "node:crypto";
import type { SecretBox } from "../../../base/secret-box.ts";
import type { ServerControls } from "../../../sources/index.ts";
import type { HookState, WantedHook } from "../../../sources/control/server-control.ts";
import type { Instance, ProviderServer } from "../../../store/contract/index.ts";
import type { OwnAddresses, OwnWebhook } from "./own-webhook.ts";

export interface OwnWebhookOptions {
  readonly controls: ServerControls;
  readonly addresses: OwnAddresses;
  readonly secretBox: SecretBox;
}

/** Keeps our own webhook at a provider through the server's control alone. */
export function ownWebhookByControl(options: OwnWebhookOptions): OwnWebhook {
  const { controls, addresses, secretBox } = options;

  /**
   * A secret that is not demanded yet is made of the instance's token, so that it is the same at each
   * look: another one would be written to the provider every time.
   */
  function wantedHook(instance: Instance): WantedHook {
    const { webhookSecret, ingestToken } = instance;
    return {
      url: addresses.of(instance),
      secret:
        webhookSecret === undefined
          ? createHash("sha256").update(`webhook secret ${ingestToken}`).digest("base64url")
          : secretBox.open(webhookSecret),
      isOurs: (url) => addresses.isOurs(url),
    };
  }

  function control(server: ProviderServer): ReturnType<ServerControls["of"]> {
    return controls.of(server, "person");
  }

  return {
    install: (_scope, instance, server): Promise<HookState> =>
      control(server).installHook(instance.providerName, wantedHook(instance)),
    release: (_scope, instance, server): Promise<HookState> =>
      control(server).removeHook(instance.providerName, wantedHook(instance)),
  };
}
