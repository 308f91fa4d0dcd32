import type { Contact } from "@recado/protocol";
import {
  parseEvolutionVersion,
  ProviderApiError,
  type EvolutionApi,
  type EvolutionConnection,
  type EvolutionInstance,
  type EvolutionState,
  type EvolutionStoredMessage,
} from "@recado/providers";
import type {
  PairingOffer,
  RemoteInstance,
  RemoteServer,
  RemoteState,
  ServerControl,
  StoredMessages,
} from "../server-control.ts";
import { wholeSeconds } from "../whole-seconds.ts";
import { configOf, EvolutionHook } from "./evolution-hook.ts";
import { bodiesOf, isMarkedDeleted } from "./stored-bodies.ts";

/** Runs a call with the client; errors come out as they are meant to be shown. */
export type WithEvolution = <T>(call: (api: EvolutionApi) => Promise<T>) => Promise<T>;

/** What we do at an Evolution server, 2.x and 1.x. */
export function createEvolutionControl(run: WithEvolution): ServerControl {
  const hooks = new EvolutionHook();
  return {
    provider: "evolution",
    info: () => run(serverInfo),
    list: () =>
      run(async (api) => {
        // The server lets instances without a name be made, and nothing can be done with them.
        const rows = (await api.listInstances()).filter(({ name }) => name !== "");
        return rows.map((row) => remoteInstance(row));
      }),
    instance: (name) => run((api) => freshInstance(api, name)),
    create: (name, hook) =>
      run(async (api) => {
        // Said one by one: this call alone stores the name under which group changes are delivered.
        const webhook = configOf(hook, await api.eventNames());
        const created = await api.createInstance(name, { webhook });
        if (created.webhookFailure !== undefined) throw created.webhookFailure;
        return remoteInstance(created.instance);
      }),
    remove: (name) => run((api) => remove(api, name)),

    inspectHook: (name, hook) => run((api) => hooks.inspect(api, name, hook)),
    installHook: (name, hook) => run((api) => hooks.install(api, name, hook)),
    removeHook: (name, hook, restore) => run((api) => hooks.remove(api, name, hook, restore)),

    connect: (name, options = {}) => run(async (api) => offerOf(await api.connect(name, options))),
    offer: (name) => run((api) => currentOffer(api, name)),
    logout: (name) => run((api) => api.logout(name)),
    restart: (name) =>
      run(async (api) => {
        await api.restart(name);
      }),
    messages: (name, span) => run((api) => storedMessages(api, name, span)),
  };
}

async function serverInfo(api: EvolutionApi): Promise<RemoteServer> {
  const { version } = await api.serverInfo();
  // The greeting is open to everybody; only this says whether the key is right.
  const credentials = await api.checkCredentials();
  const flavour = version === undefined ? undefined : /^\D*(\d+\.\d+)/.exec(version)?.[1];
  return {
    provider: "evolution",
    ...(version === undefined ? {} : { version }),
    ...(flavour === undefined ? {} : { flavour }),
    ...(credentials.scope === "server" ? {} : { limitedTo: credentials.instances }),
  };
}

/** The server may refuse to delete what is connected (2.2 and before). */
async function remove(api: EvolutionApi, name: string): Promise<void> {
  try {
    await api.deleteInstance(name);
  } catch (error) {
    if (!(error instanceof ProviderApiError) || error.code !== "wrong_state") throw error;
    await api.logout(name);
    await api.deleteInstance(name);
  }
}

/** A word that is not known says at least that nothing flows. */
function stateOf(state: EvolutionState): RemoteState {
  return state === "unknown" ? "close" : state;
}

function accountOf({ ownerJid, phone, profileName }: EvolutionInstance): Contact | undefined {
  if (ownerJid === undefined) return undefined;
  return {
    jid: ownerJid,
    ...(phone === undefined ? {} : { phone }),
    ...(profileName === undefined ? {} : { name: profileName }),
  };
}

function remoteInstance(
  row: EvolutionInstance,
  fresh: { readonly state: EvolutionState; readonly providerState?: string } = row,
): RemoteInstance {
  const account = accountOf(row);
  const { integration: engine, disconnection } = row;
  return {
    name: row.name,
    state: stateOf(fresh.state),
    providerState: fresh.providerState ?? "",
    ...(account === undefined ? {} : { account }),
    ...(engine === undefined ? {} : { engine }),
    ...(disconnection?.code === undefined ? {} : { disconnectCode: disconnection.code }),
    ...(disconnection?.at === undefined ? {} : { disconnectedAt: disconnection.at }),
  };
}

/** The row is the database's and may be old: the running server's word about the connection goes before it. */
async function freshInstance(api: EvolutionApi, name: string): Promise<RemoteInstance> {
  const row = await api.findInstance(name);
  try {
    const fresh = await api.connectionState(name);
    return remoteInstance(row, fresh.state === "unknown" ? row : fresh);
  } catch (error) {
    // An instance that is being deleted has a row and no connection any more.
    if (error instanceof ProviderApiError && error.code === "not_found") return remoteInstance(row);
    throw error;
  }
}

function offerOf(connection: EvolutionConnection): PairingOffer {
  switch (connection.kind) {
    case "open":
      return { state: "open", providerState: "open" };
    case "waiting": {
      const { attempts, state } = connection;
      // Whoever asked for a code waits for it, whatever the server calls that.
      const word = state === "unknown" ? "connecting" : state;
      return { state: stateOf(word), providerState: word, attempt: attempts };
    }
    case "code": {
      const { code, image, pairingCode, attempts } = connection;
      return {
        state: "connecting",
        providerState: "connecting",
        ...(code === undefined ? {} : { qr: code }),
        ...(image === undefined ? {} : { base64: image }),
        ...(pairingCode === undefined ? {} : { pairingCode }),
        attempt: attempts,
      };
    }
  }
}

/** Asking a closed instance for its code would start connecting it. */
async function currentOffer(api: EvolutionApi, name: string): Promise<PairingOffer> {
  const { state, providerState = "" } = await api.connectionState(name);
  if (state !== "connecting") return { state: stateOf(state), providerState };
  return offerOf(await api.connect(name));
}

/** Messages of one answer. Fewer would cost more calls, more would be long answers. */
const page = { smallest: 100, largest: 500 };

async function storedMessages(
  api: EvolutionApi,
  name: string,
  span: { readonly since: number; readonly until: number; readonly limit: number },
): Promise<StoredMessages> {
  const { since, until, limit } = span;
  const { ownerJid: sender } = await api.findInstance(name);
  const found: EvolutionStoredMessage[] = [];
  let unlisted = false;
  let ended = true;
  const pageSize = Math.min(page.largest, Math.max(page.smallest, limit));
  for await (const part of api.messagesSince(name, { sinceMs: since, untilMs: until, pageSize })) {
    found.push(...inStoredOrder(part.messages));
    unlisted ||= !part.complete;
    if (wholeSeconds(found, limit, since).length < found.length) {
      ended = false;
      break;
    }
  }
  const messages = ended ? found : wholeSeconds(found, limit, since);
  const newest = messages.at(-1)?.sentAt;
  const origin = {
    instance: name,
    ...(sender === undefined ? {} : { sender }),
    tellsDeletions: messages.some(isMarkedDeleted) && (await tellsDeletions(api)),
  };
  return {
    bodies: messages.flatMap((message) => bodiesOf(origin, message)),
    complete: ended,
    ...(newest === undefined ? {} : { newest }),
    ...(unlisted ? { unlisted: true as const } : {}),
  };
}

/** 2.3.0 to 2.3.4 mark an edit as they mark a deletion; see {@link isMarkedDeleted}. */
async function tellsDeletions(api: EvolutionApi): Promise<boolean> {
  const version = parseEvolutionVersion((await api.serverInfo()).version);
  if (version === undefined) return false;
  const { major, minor, patch } = version;
  return major * 1_000_000 + minor * 1_000 + patch >= 2_003_005;
}

/**
 * Of one second in the order in which they were stored: the server lists them in any (recorded), and its row
 * ids begin with the time and a counter.
 */
function inStoredOrder(
  messages: readonly EvolutionStoredMessage[],
): readonly EvolutionStoredMessage[] {
  return messages.toSorted((one, other) => {
    const seconds = (one.sentAt ?? 0) - (other.sentAt ?? 0);
    if (seconds !== 0) return seconds;
    return storedAt(one).localeCompare(storedAt(other), "en");
  });
}

/** Time and counter of a row id (`c`, eight and four characters); empty for ids of another kind. */
function storedAt({ rowId = "" }: EvolutionStoredMessage): string {
  return /^c[a-z0-9]{24}$/.test(rowId) ? rowId.slice(1, 13) : "";
}
