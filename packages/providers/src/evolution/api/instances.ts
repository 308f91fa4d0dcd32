import { ProviderApiError, type ApiCall } from "../../api/index.ts";
import { member, objectAt } from "../../message/index.ts";
import { signalOf, type CallOptions, type EvolutionContext } from "./context.ts";
import {
  readConnection,
  readInstances,
  stateOf,
  type EvolutionConnection,
  type EvolutionInstance,
  type EvolutionState,
} from "./read-answers.ts";
import { flavourOf } from "./server-version.ts";

export interface ListOptions extends CallOptions {
  /**
   * Keep every instance's token in the result. Default false: who lists rarely needs the keys of all
   * numbers.
   */
  readonly withTokens?: boolean;
}

/** 2,000 instances are about 6 MB. */
const maxListBytes = 32 * 1024 * 1024;

/** Calls that wait for WhatsApp take longer than those that read. */
export function slow(context: EvolutionContext): number {
  return context.caller.timeoutMs * 2;
}

/** Every instance that the key may see: all of them, or the one whose token it is. */
export async function listInstances(
  context: EvolutionContext,
  options?: ListOptions,
): Promise<readonly EvolutionInstance[]> {
  const call: ApiCall = {
    method: "GET",
    path: "/instance/fetchInstances",
    timeoutMs: slow(context),
    maxBytes: maxListBytes,
    ...signalOf(options),
  };
  const answer = await context.caller.json(call);
  const rows = readInstances(answer.value, options?.withTokens === true);
  if (Array.isArray(answer.value) && rows !== undefined) return rows;
  throw context.caller.failure(
    call,
    "unexpected_answer",
    "the answer is not a list of instances",
    answer,
  );
}

/** One instance by its name. Rejects with `not_found` when there is none of exactly this name. */
export async function findInstance(
  context: EvolutionContext,
  instance: string,
  options?: ListOptions,
): Promise<EvolutionInstance> {
  const call: ApiCall = {
    method: "GET",
    path: "/instance/fetchInstances",
    // This route has no name in its path that a query could change.
    query: { instanceName: instance },
    ...signalOf(options),
  };
  if (instance === "") {
    // The server reads an empty name as none and answers with every instance.
    throw context.caller.failure(call, "invalid_request", "the name is empty");
  }
  const answer = await context.caller.json(call);
  const rows = readInstances(answer.value, options?.withTokens === true);
  if (rows === undefined) {
    // Anything else than an empty list says nothing about the instance, least of all that it is gone.
    throw context.caller.failure(call, "unexpected_answer", "the answer names no instance", answer);
  }
  // Two names may look the same, so the exact one goes first.
  const found =
    rows.find((row) => row.name === instance) ??
    rows.find((row) => row.name.normalize("NFC") === instance.normalize("NFC"));
  if (found !== undefined) return found;
  throw context.caller.failure(call, "not_found", `Instance "${instance}" not found`);
}

/** The running server's word, fresher than the list's. An instance that is being deleted has none. */
export async function connectionState(
  context: EvolutionContext,
  instance: string,
  options?: CallOptions,
): Promise<{ readonly state: EvolutionState; readonly providerState?: string }> {
  const call: ApiCall = {
    method: "GET",
    path: "/instance/connectionState/:instance",
    parts: { instance },
    ...signalOf(options),
  };
  const answer = await context.caller.json(call);
  const row = objectAt(answer.value, "instance");
  const word = member(row ?? answer.value, "state");
  if (row === undefined && word === undefined) {
    throw context.caller.failure(call, "unexpected_answer", "the answer names no instance", answer);
  }
  return { state: stateOf(word), ...(typeof word === "string" ? { providerState: word } : {}) };
}

export interface ConnectOptions extends CallOptions {
  /** Asks for a pairing code for this phone too: country code first; everything but digits is ignored. */
  readonly phone?: string;
}

/**
 * Starts connecting and gives the code to scan, when there is one after about two seconds. Never
 * repeated by itself: every call may use up one of the instance's codes.
 */
export async function connect(
  context: EvolutionContext,
  instance: string,
  options?: ConnectOptions,
): Promise<EvolutionConnection> {
  const call: ApiCall = {
    method: "GET",
    path: "/instance/connect/:instance",
    parts: { instance },
    timeoutMs: slow(context),
    repeatable: false,
    ...signalOf(options),
  };
  if (options?.phone === undefined) return connectionOf(context, call);
  const number = options.phone.replaceAll(/[\s()+./-]/g, "");
  if (!/^\d{6,15}$/.test(number)) {
    throw context.caller.failure(call, "invalid_request", "this is not a phone number");
  }
  // Digits alone: a query must never be able to name another instance.
  return connectionOf(context, { ...call, query: { number } });
}

/** Makes a call that leads to a connection; rejects with `unexpected_answer` when it speaks of none. */
async function connectionOf(
  context: EvolutionContext,
  call: ApiCall,
): Promise<EvolutionConnection> {
  const answer = await context.caller.json(call);
  const connection = readConnection(answer.value);
  if (connection !== undefined) return connection;
  throw context.caller.failure(
    call,
    "unexpected_answer",
    "the answer says nothing of a connection",
    answer,
  );
}

/** Closes and opens the connection. Rejects with `wrong_state` when the instance is closed. */
export async function restart(
  context: EvolutionContext,
  instance: string,
  options?: CallOptions,
): Promise<EvolutionConnection> {
  const isFirst = flavourOf(await context.version()) === "v1";
  const call = (method: "POST" | "PUT"): ApiCall => ({
    method,
    path: "/instance/restart/:instance",
    parts: { instance },
    timeoutMs: slow(context),
    repeatable: false,
    ...signalOf(options),
  });
  try {
    return await connectionOf(context, call(isFirst ? "PUT" : "POST"));
  } catch (error) {
    // The method changed between versions; a server with the other one did nothing yet.
    if (!(error instanceof ProviderApiError) || error.code !== "not_supported") throw error;
    return connectionOf(context, call(isFirst ? "POST" : "PUT"));
  }
}

/** Unlinks the phone. Rejects with `wrong_state` when the instance is not connected. */
export async function logout(
  context: EvolutionContext,
  instance: string,
  options?: CallOptions,
): Promise<void> {
  await context.caller.json({
    method: "DELETE",
    path: "/instance/logout/:instance",
    parts: { instance },
    timeoutMs: slow(context),
    ...signalOf(options),
  });
}

/**
 * Deletes an instance. It is answered at once, but the name stays in use, and the instance in the list,
 * until its last webhook was taken or given up: up to 25 minutes (recorded).
 */
export async function deleteInstance(
  context: EvolutionContext,
  instance: string,
  options?: CallOptions,
): Promise<void> {
  await context.caller.json({
    method: "DELETE",
    path: "/instance/delete/:instance",
    parts: { instance },
    timeoutMs: slow(context),
    ...signalOf(options),
  });
}

/** Our own account behind an instance: what its row says. */
export async function profile(
  context: EvolutionContext,
  instance: string,
  options?: CallOptions,
): Promise<Pick<EvolutionInstance, "ownerJid" | "phone" | "profileName" | "pictureUrl">> {
  const { ownerJid, phone, profileName, pictureUrl } = await findInstance(
    context,
    instance,
    options,
  );
  return {
    ...(ownerJid === undefined ? {} : { ownerJid }),
    ...(phone === undefined ? {} : { phone }),
    ...(profileName === undefined ? {} : { profileName }),
    ...(pictureUrl === undefined ? {} : { pictureUrl }),
  };
}
