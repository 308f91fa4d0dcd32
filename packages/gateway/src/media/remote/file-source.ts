import type { ProviderServer } from "../../store/contract/index.ts";

/**
 * Where files behind a provider's links come from; given from outside, so that providers, keys and addresses
 * are known in one place.
 */
export interface FileSource {
  /** Whether this link is one that {@link FileSource.fetch} would follow. Pure. */
  mayFetch(server: ProviderServer, url: string): boolean;
  /** Ends within a time limit and never rejects. Holds the whole file in memory. */
  fetch(server: ProviderServer, url: string): Promise<FetchedFile>;
}

export type FetchedFile =
  | { readonly kind: "had"; readonly bytes: Uint8Array; readonly mimetype: string }
  | {
      readonly kind: "failed";
      readonly cause: FetchFailure;
      /** Another try may go better. */
      readonly mayHelp: boolean;
    };

/** Why there is no file; stored, so words are only added. */
export const fetchFailures = {
  gone: "the provider no longer had the file; WAHA deletes its files after 180 s unless it is told otherwise",
  unauthorised: "the provider's server refused its API key",
  redirected: "the provider's server redirects to another address, which is not followed",
  too_large: "the file is larger than MEDIA_LIMIT_MB allows",
  unreachable: "the provider's server gave no answer, also after several tries",
  refused: "the provider's server answered with an error instead of the file",
  blocked: "the file's address lies in a network that may not be called",
  no_server: "the number's provider server is no longer configured",
  no_link: "the link was not found in what the provider sent",
} as const;

export type FetchFailure = keyof typeof fetchFailures;

export function isFetchFailure(word: unknown): word is FetchFailure {
  return typeof word === "string" && Object.hasOwn(fetchFailures, word);
}
