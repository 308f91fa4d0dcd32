import type {
  EvolutionApi,
  EvolutionStoredWebhook,
  EvolutionWebhookInput,
  EvolutionWebhookOutcome,
} from "@recado/providers";
import type { ForeignHook, HookDifference, HookState, WantedHook } from "../server-control.ts";
import { shownAddress, shownNames } from "../shown-address.ts";

/** The header whose value Evolution signs with and never sends. */
const secretHeader = "jwt_key";

/**
 * Our webhook at an Evolution server, which has one address per instance.
 *
 * The server's own idea of all events wins: with an empty list it stores every name that it knows, and that
 * list is remembered, so that a server which knows fewer than its version should is not written to again
 * and again.
 */
export class EvolutionHook {
  #everyEvent: ReadonlySet<string> | undefined;

  async inspect(api: EvolutionApi, name: string, hook: WantedHook): Promise<HookState> {
    return this.#state(await api.compareWebhook(name, configOf(hook)), hook, false);
  }

  async install(api: EvolutionApi, name: string, hook: WantedHook): Promise<HookState> {
    const before = await this.inspect(api, name, hook);
    if (before.inPlace) return before;
    const outcome = await api.setWebhook(name, configOf(hook));
    const stored = outcome.webhook?.events ?? [];
    if (stored.length > 0) this.#everyEvent = new Set(stored);
    const { replaced } = before;
    const after = this.#state(outcome, hook, true);
    return { ...after, ...(replaced === undefined ? {} : { replaced }) };
  }

  /** What others put in our place meanwhile stays. */
  async remove(
    api: EvolutionApi,
    name: string,
    hook: WantedHook,
    restore: ForeignHook | undefined,
  ): Promise<HookState> {
    const before = await api.compareWebhook(name, configOf(hook));
    if (before.webhook === null || !isOurs(before.webhook.url, hook)) {
      return this.#state(before, hook, false);
    }
    if (restore === undefined) {
      if (!before.webhook.enabled) return this.#state(before, hook, false);
      await api.deleteWebhook(name);
    } else {
      await api.setWebhook(name, restoredConfig(restore), { unknownEvents: "drop" });
    }
    return this.#state(await api.compareWebhook(name, configOf(hook)), hook, true);
  }

  #state(outcome: EvolutionWebhookOutcome, hook: WantedHook, changed: boolean): HookState {
    const { webhook, ignored } = outcome;
    const differences = this.#differences(outcome, hook);
    const replaced = webhook === null ? undefined : foreignHook(webhook, hook);
    return {
      inPlace: differences.length === 0,
      differences,
      ...(replaced === undefined ? {} : { replaced }),
      others: [],
      changed,
      ...(ignored.includes("headers") ? { unsigned: true as const } : {}),
    };
  }

  #differences(outcome: EvolutionWebhookOutcome, hook: WantedHook): readonly HookDifference[] {
    const { webhook } = outcome;
    return outcome.differences.flatMap(({ field, wanted, stored }): readonly HookDifference[] => {
      switch (field) {
        case "webhook":
          return [{ setting: "missing", wanted, found: stored }];
        case "url":
          return [
            {
              setting: "url",
              wanted: shownAddress(hook.url, true),
              found: shownAddress(webhook?.url ?? "", isOurs(webhook?.url ?? "", hook)),
            },
          ];
        case "headers":
          return headerDifferences(webhook?.headers ?? {}, hook);
        case "events":
          return this.#hasEveryEvent(webhook?.events ?? [])
            ? []
            : [{ setting: "events", wanted, found: shownNames(webhook?.events ?? []) }];
        case "enabled":
        case "byEvents":
        case "base64":
          return [{ setting: field, wanted, found: stored }];
      }
    });
  }

  #hasEveryEvent(stored: readonly string[]): boolean {
    const every = this.#everyEvent;
    return every !== undefined && [...every].every((name) => stored.includes(name));
  }
}

/** `events` empty: all that the version knows. */
export function configOf(hook: WantedHook, events: readonly string[] = []): EvolutionWebhookInput {
  return {
    enabled: true,
    url: hook.url,
    events,
    byEvents: false,
    base64: hook.media === true,
    headers: { [secretHeader]: hook.secret },
  };
}

function isOurs(url: string, hook: WantedHook): boolean {
  return url === hook.url || hook.isOurs(url);
}

function foreignHook(stored: EvolutionStoredWebhook, hook: WantedHook): ForeignHook | undefined {
  const {
    url,
    enabled,
    events,
    headers,
    webhookByEvents: byEvents,
    webhookBase64: base64,
  } = stored;
  // What a webhook that was switched off without ever having been set leaves behind.
  const isNone = url === "" || (!enabled && url === "http://localhost");
  if (isNone || isOurs(url, hook)) return undefined;
  return { url, enabled, events, headers, byEvents, base64 };
}

function restoredConfig({
  url,
  enabled,
  events,
  headers,
  ...flags
}: ForeignHook): EvolutionWebhookInput {
  const { byEvents = false, base64 = false } = flags;
  return { url, enabled, events, headers, byEvents, base64 };
}

function headerDifferences(
  stored: Readonly<Record<string, string>>,
  hook: WantedHook,
): readonly HookDifference[] {
  const secret = stored[secretHeader];
  const others = Object.keys(stored).filter((name) => name !== secretHeader);
  return [
    ...(secret === hook.secret
      ? []
      : [
          {
            setting: "secret",
            wanted: "ours",
            found: secret === undefined ? "none" : "another one",
          },
        ]),
    ...(others.length === 0
      ? []
      : [{ setting: "headers", wanted: "none", found: shownNames(others) }]),
  ];
}
