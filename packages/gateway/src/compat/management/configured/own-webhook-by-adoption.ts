import { sentenceFor, type Adoption, type Reason } from "../../../sources/adopt/index.ts";
import type { ServerControls } from "../../../sources/index.ts";
import type { Directory, Instance, ProviderServer } from "../../../store/contract/index.ts";
import { providerRefusal, removeFailed, setFailed } from "../refusal.ts";
import { AddressInTheWay, type OwnWebhook } from "./own-webhook.ts";

export interface OwnWebhookOptions {
  readonly adoption: Pick<Adoption, "adoptInstance" | "releaseInstance" | "hookOf">;
  readonly controls: ServerControls;
  readonly directory: Pick<Directory, "updateInstance">;
}

/** Keeps our own webhook at a provider the way adopted servers are looked after. */
export function ownWebhookByAdoption(options: OwnWebhookOptions): OwnWebhook {
  const { adoption, controls, directory } = options;

  /**
   * An adoption tells its failures as reasons. The documented sentence has the provider's own words: it is
   * asked once more for something that needs the same to work.
   */
  async function fail(
    prefix: string,
    instance: Instance,
    server: ProviderServer,
    reason: Reason,
  ): Promise<never> {
    await controls.of(server).instance(instance.providerName);
    throw providerRefusal(prefix, instance.provider, sentenceFor(reason.code).pt);
  }

  const onServer = (instance: Instance, { id: serverId }: ProviderServer): Instance => ({
    ...instance,
    serverId,
  });

  const install: OwnWebhook["install"] = async (scope, instance, server, media) => {
    const wish = media === undefined ? {} : { media };
    const outcome = await adoption.adoptInstance(scope, onServer(instance, server), wish);
    if (outcome.kind === "failed") {
      const { code } = outcome.reason;
      if (code === "address_not_allowed") throw new AddressInTheWay(sentenceFor(code).pt);
      await fail(setFailed, instance, server, outcome.reason);
    }
    if (instance.serverId !== undefined) return;
    // It was learnt from webhooks, and is looked after with its server from now on.
    await directory.updateInstance(scope, instance.id, { serverId: server.id });
  };

  return {
    install,
    async release(scope, instance, server) {
      const known = onServer(instance, server);
      let outcome = await adoption.releaseInstance(scope, known);
      if (outcome.kind === "nothing") {
        // Only what was adopted can be remembered as given back; else the next check would adopt it.
        await install(scope, instance, server);
        outcome = await adoption.releaseInstance(scope, known);
      }
      if (outcome.kind === "failed") await fail(removeFailed, instance, server, outcome.reason);
    },
    async keptEndpointId(scope, { id }) {
      return (await adoption.hookOf(scope, id))?.endpointId;
    },
  };
}
