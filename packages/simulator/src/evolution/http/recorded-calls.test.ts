import { expect, test } from "vitest";
import {
  callTo,
  globalKey,
  type RecordedCall,
  recordedCalls,
  startRecorded,
  withoutInventions,
} from "../testing/recordings.ts";

/**
 * The recordings are one session on a fresh server, in the order of their numbers. What was done in it
 * between two of them, and is not among them, is done here before the call that presupposes it.
 */
const before: Readonly<Record<string, (url: string, cutNetwork: () => void) => Promise<void>>> = {
  "create-webhook-bad-event": async (url) => create(url, { instanceName: "" }),
  "create-spaces-name": async (url) =>
    create(url, { instanceName: "duptoken", token: "INSTANCE-TOKEN-0001" }),
  "connect-unreachable": async (_url, cutNetwork) => cutNetwork(),
};

async function create(url: string, members: object): Promise<void> {
  const body = { integration: "WHATSAPP-BAILEYS", ...members };
  const headers = { apikey: globalKey };
  const answer = await callTo(url, { method: "POST", path: "/instance/create", headers, body });
  expect(answer.status).toBe(201);
}

/** The list comes in the order of the database's pages, which is no order. */
function unordered(body: unknown): unknown {
  if (!Array.isArray(body) || !body.every((row) => typeof row === "object" && "name" in row))
    return body;
  return body.toSorted((one, other) => (String(one.name) < String(other.name) ? -1 : 1));
}

test("every recorded call is answered as recorded", async () => {
  const { fake } = await startRecorded({ version: "2.3.6" });
  const pairs = recordedCalls();
  expect(pairs.length).toBeGreaterThanOrEqual(52);
  for (const { label, request, response } of pairs) {
    await before[label]?.(fake.url, fake.trouble.cutNetwork);
    const answer = await callTo(fake.url, request);
    const comparable = ({ status, body }: RecordedCall["response"]) => ({
      label,
      status,
      body: unordered(withoutInventions(body)),
    });
    expect(comparable(answer)).toEqual(comparable(response));
  }
});
