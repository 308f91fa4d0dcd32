import { createHash } from "node:crypto";
import type { SecretBox } from "../../../base/secret-box.ts";
import type { ServerControls } from "../../../sources/index.ts";
import type { WantedHook } from "../../../sources/control/server-control.ts";
import type { Instance, ProviderServer } from "../../../store/contract/index.ts";
import { notStored, setFailed } from "../refusal.ts";
import type { OwnAddresses, OwnWebhook } from "./own-webhook.ts";

export interface OwnWebhookOptions {
  readonly controls: ServerControls;
  readonly addresses: OwnAddresses;
  readonly secretBox: SecretBox;
}

/** Without these nothing reaches us; the rest is put right by and by. */
const deafening: ReadonlySet<string> = new Set(["missing", "enabled", "url", "secret"]);

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
    async install(_scope, instance, server) {
      const { differences } = await control(server).installHook(
        instance.providerName,
        wantedHook(instance),
      );
      const wrong = differences.filter(({ setting }) => deafening.has(setting));
      if (wrong.length === 0) return;
      const settings = wrong.map(({ setting }) => setting);
      throw notStored(setFailed, instance.provider, settings);
    },
    async release(_scope, instance, server) {
      await control(server).removeHook(instance.providerName, wantedHook(instance));
    },
    keptEndpointId: () => Promise.resolve(undefined),
  };
}
