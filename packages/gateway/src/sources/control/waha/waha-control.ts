import {
  ProviderApiError,
  type WahaApi,
  type WahaMessageRecord,
  type WahaServer,
  type WahaSession,
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
import { bodiesOf } from "./stored-bodies.ts";
import { WahaHook } from "./waha-hook.ts";

/** Runs a call with the client; errors come out as they are meant to be shown. */
export type WithWaha = <T>(call: (api: WahaApi) => Promise<T>) => Promise<T>;

/** NOWEB keeps no messages without it, and what was missed could never be fetched. */
const newSession = { noweb: { store: { enabled: true, fullSync: false } } };

/** What we do at a WAHA server. */
export function createWahaControl(run: WithWaha): ServerControl {
  const hooks = new WahaHook();
  return {
    provider: "waha",
    info: () => run(async (api) => remoteServer(await api.server())),
    list: () => run(async (api) => (await api.sessions()).map(remoteInstance)),
    instance: (name) => run(async (api) => remoteInstance(await api.session(name))),
    create: (name, hook) =>
      run(async (api) => {
        const wish = { webhook: { ...hooks.configOf(hook) }, config: newSession };
        return remoteInstance(await api.createSession(name, wish));
      }),
    remove: (name) => run((api) => api.deleteSession(name)),

    inspectHook: (name, hook) => run((api) => hooks.inspect(api, name, hook)),
    installHook: (name, hook, seen) => run((api) => hooks.install(api, name, hook, seen)),
    removeHook: (name, hook) => run((api) => hooks.remove(api, name, hook)),

    connect: (name, options = {}) => run((api) => connect(api, name, options.phone)),
    offer: (name) => run(async (api) => offerOf(api, await api.session(name))),
    logout: (name) =>
      run(async (api) => {
        await api.logoutSession(name);
      }),
    restart: (name) =>
      run(async (api) => {
        await api.restartSession(name);
      }),
    messages: (name, span) => run((api) => storedMessages(api, name, span)),
  };
}

function remoteServer({ version, engine, tier }: WahaServer): RemoteServer {
  const flavour = [engine, tier].filter((word) => word !== undefined).join(" ");
  return { provider: "waha", version, ...(flavour === "" ? {} : { flavour }) };
}

/** WAHA knows no `refused`: what is not open and not closed is on its way. */
function stateOf({ state }: WahaSession): RemoteState {
  return state === "open" || state === "close" ? state : "connecting";
}

function remoteInstance(session: WahaSession): RemoteInstance {
  const { name, status, account, engine } = session;
  return {
    name,
    state: stateOf(session),
    providerState: status,
    ...(account === undefined ? {} : { account }),
    ...(engine === undefined ? {} : { engine }),
  };
}

const waitsForScan = "SCAN_QR_CODE";

/** Brings a session to where something can be scanned; one that failed has to begin anew. */
async function connect(
  api: WahaApi,
  name: string,
  phone: string | undefined,
): Promise<PairingOffer> {
  const session = await api.session(name);
  if (session.status === "STOPPED") await api.startSession(name);
  else if (session.status === "FAILED") await api.restartSession(name);
  else return offerOf(api, session, phone);
  return offerOf(api, await api.session(name), phone);
}

/** WAHA holds a question for a code for up to 10 s while there is none, so it is asked only when there is. */
async function offerOf(api: WahaApi, session: WahaSession, phone?: string): Promise<PairingOffer> {
  const offer: PairingOffer = { state: stateOf(session), providerState: session.status };
  if (session.status !== waitsForScan) return offer;
  try {
    if (phone !== undefined)
      return { ...offer, pairingCode: await api.pairingCode(session.name, phone) };
    const { code, image } = await api.qrCode(session.name);
    return { ...offer, qr: code, base64: image };
  } catch (error) {
    // Scanned, or over, in between: what it is now is asked anew, without a code.
    if (!(error instanceof ProviderApiError) || error.code !== "wrong_state") throw error;
    const now = await api.session(session.name);
    return { state: stateOf(now), providerState: now.status };
  }
}

/** Walks of one answer: each brings at least 200 messages. */
const mostWalks = 50;

async function storedMessages(
  api: WahaApi,
  name: string,
  span: { readonly since: number; readonly until: number; readonly limit: number },
): Promise<StoredMessages> {
  const { since, until, limit } = span;
  const session = await api.session(name);
  const found = new Map<string, WahaMessageRecord>();
  let offset: number | undefined = 0;
  let records: readonly WahaMessageRecord[] = [];
  for (let walk = 0; walk < mostWalks && offset !== undefined; walk += 1) {
    const options = { sinceMs: since, untilMs: until, maxMessages: limit, offset };
    const part = await api.messagesSince(name, options);
    for (const record of part.records) found.set(record.id, record);
    offset = part.nextOffset;
    records = [...found.values()].toSorted((one, other) => one.sentAt - other.sentAt);
    if (wholeSeconds(records, limit, since).length < records.length) break;
  }
  const given = wholeSeconds(records, limit, since);
  const newest = given.at(-1)?.sentAt;
  return {
    bodies: given.flatMap((record) => bodiesOf(session, record)),
    complete: offset === undefined && given.length === records.length,
    ...(newest === undefined ? {} : { newest }),
  };
}
