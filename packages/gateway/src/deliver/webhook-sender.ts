import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { SecretBox } from "../base/secret-box.ts";
import type { Outbound } from "../outbound/index.ts";
import type { Endpoint } from "../store/contract/index.ts";
import { providerProof, type ProviderKeys } from "./formats/as-provider.ts";
import { attemptOf, hintOf, unsentAttempt, type AttemptResult } from "./outcome.ts";
import { formatRequest, type Payload } from "./formats/request-format.ts";
import { signatureHeader, signerFor, type SignWith } from "./signing.ts";

export interface WebhookSenderOptions {
  readonly outbound: Outbound;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  /** For one attempt with everything in it. */
  readonly timeoutMs: number;
}

export interface SentWebhook {
  readonly attempt: AttemptResult;
  /** Milliseconds that the receiver asked us to wait. */
  readonly hintMs?: number;
}

/** What is kept of an answer. */
const maxResponseBytes = 16 * 1024;
/** Opened secrets in memory; beyond that they are opened again. */
const maxSigners = 10_000;

/** Signs and sends one webhook, through the guarded client and by the endpoint's settings of this moment. */
export class WebhookSender {
  readonly #options: WebhookSenderOptions;
  readonly #signers = new Map<string, SignWith>();

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async send(endpoint: Endpoint, webhookId: string, payload: Payload): Promise<SentWebhook> {
    const { outbound, clock, version, timeoutMs } = this.#options;
    const startedAt = clock.now();
    const timestamp = Math.floor(startedAt / 1_000);
    const signers = this.#signersOf(endpoint, startedAt);
    const keys = this.#providerKeys(endpoint);
    if (!signers || !keys) {
      return {
        attempt: unsentAttempt(
          "secret_unreadable",
          "the endpoint's secret cannot be read; rotate it",
          startedAt,
        ),
      };
    }
    const request = formatRequest(endpoint, payload, {
      webhookId,
      timestamp,
      version,
      proveAsProvider: (body) => providerProof(keys, body, timestamp),
      sign: (body) => signatureHeader(signers, webhookId, timestamp, body),
    });
    const outcome = await outbound.request({
      ...request,
      method: "POST",
      timeoutMs,
      maxResponseBytes,
      allowPrivate: endpoint.allowPrivate,
    });
    const hintMs = hintOf(outcome, clock.now());
    return { attempt: attemptOf(outcome, startedAt), ...(hintMs === undefined ? {} : { hintMs }) };
  }

  /** None when the provider proved nothing at this address; undefined when one cannot be opened. */
  #providerKeys({ id, asProvider }: Endpoint): ProviderKeys | undefined {
    const { jwtKey, hmacKey } = asProvider ?? {};
    const open = (sealed: string): string => this.#options.secretBox.open(sealed);
    try {
      return {
        ...(jwtKey === undefined ? {} : { jwtKey: open(jwtKey) }),
        ...(hmacKey === undefined ? {} : { hmacKey: open(hmacKey) }),
      };
    } catch (error) {
      this.#tellUnreadable(id, error);
      return undefined;
    }
  }

  #tellUnreadable(endpointId: string, error: unknown): void {
    const { message } = error instanceof Error ? error : new Error(String(error));
    const about = { endpointId, reason: message };
    this.#options.logger.error(about, "an endpoint's secret cannot be opened");
  }

  /** Signers of the secrets that are still valid, current first; undefined when one cannot be opened or none is left. */
  #signersOf(endpoint: Endpoint, now: number): readonly SignWith[] | undefined {
    const valid = endpoint.secrets.filter(
      ({ expiresAt }) => expiresAt === undefined || expiresAt > now,
    );
    try {
      return valid.length > 0 ? valid.map(({ value }) => this.#signer(value)) : undefined;
    } catch (error) {
      this.#tellUnreadable(endpoint.id, error);
      return undefined;
    }
  }

  #signer(sealed: string): SignWith {
    let signer = this.#signers.get(sealed);
    if (!signer) {
      signer = signerFor(this.#options.secretBox.open(sealed));
      if (this.#signers.size >= maxSigners) this.#signers.clear();
      this.#signers.set(sealed, signer);
    }
    return signer;
  }
}
