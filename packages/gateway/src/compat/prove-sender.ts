import { providerOf, recognise, type JsonObject } from "@recado/providers";
import type { SecretBox } from "../base/secret-box.ts";
import type { Directory, IngestTarget, Instance } from "../store/contract/index.ts";

/** Instances of one name whose secrets are tried; beyond that the sender must use an ingest token. */
const maxCandidates = 50;

export interface ProveSenderOptions {
  readonly directory: Directory;
  readonly secretBox: SecretBox;
}

export interface SignedRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: Uint8Array;
  readonly body: JsonObject;
  readonly receivedAt: number;
}

/**
 * Finds the one instance whose secret the request proves (WAHA's HMAC or Evolution's `jwt_key`).
 * Undefined when no secret fits, or more than one does: a name alone is never a proof.
 */
export async function proveSender(
  options: ProveSenderOptions,
  request: SignedRequest,
): Promise<IngestTarget | undefined> {
  const provider = recognise(request.body);
  const name = provider?.identify(request.body).instanceName;
  if (!provider || name === undefined) return undefined;
  const candidates = await options.directory.instancesNamedAnywhere(name);
  const proven: Instance[] = [];
  for (const instance of candidates.slice(0, maxCandidates)) {
    if (instance.webhookSecret === undefined || instance.provider !== provider.name) continue;
    const secret = options.secretBox.open(instance.webhookSecret);
    const outcome = await providerOf(provider.name).authenticate(request, secret);
    if (outcome.kind === "authentic") proven.push(instance);
  }
  const [instance] = proven;
  if (!instance || proven.length > 1) return undefined;
  const tenant = await options.directory.tenant(instance.tenantId);
  return tenant ? { kind: "instance", tenant, instance } : undefined;
}
