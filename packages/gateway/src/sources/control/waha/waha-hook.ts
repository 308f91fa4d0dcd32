import {
  readWahaWebhookConfig,
  viewOfWahaWebhook,
  wahaOutlastingRetries,
  wahaWebhookDifferences,
  type JsonObject,
  type WahaApi,
  type WahaRetries,
  type WahaWebhookEntry,
  type WahaWebhookPart,
} from "@recado/providers";
import type { HookDifference, HookState, WantedHook } from "../server-control.ts";
import { shownAddress, shownNames } from "../shown-address.ts";

/** All but `state.change` and `engine.event`, which repeat the engine's keys and codes. */
const everyEvent: readonly string[] = ["*"];

/**
 * Our webhook in the list of a WAHA session.
 *
 * A server that does not know every wanted event name is asked once with those it knows; they are
 * remembered, so that a difference that cannot be removed is not told again and again.
 */
export class WahaHook {
  #events = everyEvent;

  async inspect(api: WahaApi, name: string, hook: WantedHook): Promise<HookState> {
    const config = await api.sessionConfig(name);
    const all = webhooksIn(config);
    const ours = all.filter((entry) => isOurs(entry, hook));
    const differences = this.#differences(ours, hook);
    return {
      inPlace: differences.length === 0,
      differences,
      others: all
        .filter((entry) => !ours.includes(entry))
        .map((entry) => shownAddress(urlOf(entry), false)),
      changed: false,
    };
  }

  async install(
    api: WahaApi,
    name: string,
    hook: WantedHook,
    seen?: HookState,
  ): Promise<HookState> {
    const before = seen ?? (await this.inspect(api, name, hook));
    if (before.inPlace) return before;
    // Read back and compared there; what differs afterwards is an error.
    const { webhook, changed } = await api.setWebhook(name, { ...this.#config(hook) }, hook.isOurs);
    if (webhook !== null && webhook.events.length > 0) this.#events = webhook.events;
    return { inPlace: true, differences: [], others: before.others, changed };
  }

  async remove(api: WahaApi, name: string, hook: WantedHook): Promise<HookState> {
    const owns = (url: string): boolean => url === hook.url || hook.isOurs(url);
    const { changed } = await api.deleteWebhook(name, owns);
    return { ...(await this.inspect(api, name, hook)), changed };
  }

  /** For a session that is being made. */
  configOf(hook: WantedHook): WahaWebhookEntry {
    return this.#config(hook);
  }

  #config(hook: WantedHook): WahaWebhookEntry {
    return {
      url: hook.url,
      events: this.#events,
      hmac: { key: hook.secret },
      retries: wahaOutlastingRetries,
    };
  }

  #differences(ours: readonly JsonObject[], hook: WantedHook): readonly HookDifference[] {
    const [stored] = ours;
    if (stored === undefined) return [{ setting: "missing", wanted: "set", found: "none" }];
    const wanted = this.#config(hook);
    const parts = wahaWebhookDifferences(stored, entryOf(wanted));
    const found = parts.map((part) => differenceOf(part, stored, wanted, hook));
    return ours.length === 1
      ? found
      : [...found, { setting: "copies", wanted: "1", found: String(ours.length) }];
  }
}

/** As it will be stored. */
function entryOf(wanted: WahaWebhookEntry): WahaWebhookEntry {
  const read = readWahaWebhookConfig({ ...wanted });
  return read.kind === "entry" ? read.entry : wanted;
}

function differenceOf(
  part: WahaWebhookPart,
  stored: JsonObject,
  wanted: WahaWebhookEntry,
  hook: WantedHook,
): HookDifference {
  const view = viewOfWahaWebhook(stored);
  switch (part) {
    case "url":
      return {
        setting: "url",
        wanted: shownAddress(hook.url, true),
        found: shownAddress(view.url, true),
      };
    case "events":
      return {
        setting: "events",
        wanted: shownNames(wanted.events),
        found: shownNames(view.events),
      };
    case "hmac":
      return {
        setting: "secret",
        wanted: "ours",
        found: view.hmac === null ? "none" : "another one",
      };
    case "retries":
      return {
        setting: "retries",
        wanted: shownRetries(wanted.retries),
        found: shownRetries(view.retries),
      };
    case "customHeaders":
      return {
        setting: "headers",
        wanted: "none",
        found: shownNames(view.customHeaders.map(({ name }) => name)),
      };
  }
}

function shownRetries({ policy, delaySeconds, attempts }: WahaRetries): string {
  return `${attempts} more, ${policy}, ${delaySeconds} s`;
}

function webhooksIn(config: JsonObject): readonly JsonObject[] {
  const list: readonly unknown[] = Array.isArray(config["webhooks"]) ? config["webhooks"] : [];
  return list.filter(
    (entry): entry is JsonObject =>
      typeof entry === "object" && entry !== null && !Array.isArray(entry),
  );
}

function urlOf(entry: JsonObject): string {
  return typeof entry["url"] === "string" ? entry["url"] : "";
}

function isOurs(entry: JsonObject, hook: WantedHook): boolean {
  const url = urlOf(entry);
  return url === hook.url || hook.isOurs(url);
}
