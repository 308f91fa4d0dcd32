import { ProviderApiError, type ApiCall } from "../../api/index.ts";
import { idAt, member, textOf, wordAt } from "../../message/index.ts";
import { signalOf, type CallOptions, type EvolutionContext } from "./context.ts";
import { listInstances } from "./instances.ts";
import {
  flavourOf,
  parseVersion,
  type EvolutionFlavour,
  type EvolutionVersion,
} from "./server-version.ts";

/** What a server says about itself. */
export interface EvolutionServerInfo {
  /** `2.3.7`; absent when the server says none. */
  readonly version?: string;
  readonly flavour: EvolutionFlavour;
  /** True: the server runs without a licence that it asks for, and refuses every other call (2.4). */
  readonly licenceMissing: boolean;
  /** The name under which it keeps its data; two servers of one database have the same. */
  readonly clientName?: string;
  /** The WhatsApp Web version that it claims to be. */
  readonly whatsappWebVersion?: string;
}

/** Whose key it is: the whole server's, or that of single instances. */
export type EvolutionCredentials =
  | { readonly scope: "server" }
  | { readonly scope: "instance"; readonly instances: readonly string[] };

/** The version that a server said, with its answer. */
export interface ServerAnswer {
  readonly info: EvolutionServerInfo;
  readonly version: EvolutionVersion | undefined;
}

/** Asks the server who it is. No key is sent: it may not be the server that the key is for. */
export async function askServer(
  context: Pick<EvolutionContext, "caller">,
  options?: CallOptions,
): Promise<ServerAnswer> {
  const call: ApiCall = { method: "GET", path: "/", apiKey: "", ...signalOf(options) };
  try {
    const answer = await context.caller.json(call);
    const { value } = answer;
    const version = parseVersion(idAt(value, "version"));
    const greets = /evolution/i.test(textOf(member(value, "message")) ?? "");
    if (version === undefined && !greets) {
      throw context.caller.failure(
        call,
        "unexpected_answer",
        "this is not an Evolution API",
        answer,
      );
    }
    const clientName = wordAt(value, "clientName");
    const whatsappWebVersion = wordAt(value, "whatsappWebVersion");
    return {
      version,
      info: {
        ...(version === undefined ? {} : { version: version.text }),
        flavour: flavourOf(version),
        licenceMissing: false,
        ...(clientName === undefined ? {} : { clientName }),
        ...(whatsappWebVersion === undefined ? {} : { whatsappWebVersion }),
      },
    };
  } catch (error) {
    if (!(error instanceof ProviderApiError) || error.code !== "feature_off") throw error;
    return { version: undefined, info: { flavour: "v2", licenceMissing: true } };
  }
}

/**
 * Whether the key works, and for what. Rejects with `unauthorised` when it does not, and with
 * `feature_off` when the server refuses everything for want of a licence.
 */
export async function checkCredentials(
  context: EvolutionContext,
  options?: CallOptions,
): Promise<EvolutionCredentials> {
  try {
    await context.caller.json({
      method: "POST",
      path: "/verify-creds",
      // It only reads.
      repeatable: true,
      ...signalOf(options),
    });
    return { scope: "server" };
  } catch (error) {
    if (!(error instanceof ProviderApiError)) throw error;
    // A server that is too old for the question answers it with its list.
    if (error.code === "not_supported") {
      await listInstances(context, options);
      return { scope: "server" };
    }
    if (error.code !== "unauthorised") throw error;
    // An instance's token is refused there, and sees its own instances here (recorded).
    const instances = await listInstances(context, options);
    return { scope: "instance", instances: instances.map(({ name }) => name) };
  }
}
