import { request } from "undici";
import { onTestFinished } from "vitest";
import { type Receiver, startReceiver } from "../../receiver/receiver.ts";
import { type FakeWaha, type FakeWahaOptions, startFakeWaha } from "../fake-waha.ts";

/** A fake WAHA with a receiver for its webhooks, and a client of its API; all of it ends with the test. */
export interface WahaStage {
  readonly fake: FakeWaha;
  readonly target: Receiver;
  /** A webhook of everything at the receiver. */
  readonly webhook: { readonly url: string; readonly events: readonly string[] };
  call(method: string, path: string, body?: unknown, key?: string): Promise<CallAnswer>;
  /** Waits for the webhooks' bodies, in the order of arrival. */
  received(count: number): Promise<readonly Envelope[]>;
}

export interface CallAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface Envelope {
  readonly path: string;
  readonly id: string;
  readonly event: string;
  readonly session: string;
  readonly me: unknown;
  readonly payload: Readonly<Record<string, unknown>>;
}

export const apiKey = "recado-fixture-api-key";
export const me = { id: "5511900000101@c.us", pushName: "Loja Teste", lid: "111000000000101@lid" };
export const withStore = { noweb: { store: { enabled: true } } };

export async function setUpWaha(
  options: (webhook: WahaStage["webhook"]) => Partial<FakeWahaOptions> = () => ({}),
): Promise<WahaStage> {
  const target = await startReceiver();
  onTestFinished(() => target.close());
  const webhook = { url: `${target.url}/hook`, events: ["*"] };
  const given = options(webhook);
  const sessions = given.sessions ?? [
    { name: "loja", me, config: { ...withStore, webhooks: [webhook] } },
  ];
  const fake = await startFakeWaha({ apiKey, ...given, sessions });
  onTestFinished(() => fake.close());
  return {
    fake,
    target,
    webhook,
    async call(method, path, body, key = apiKey) {
      const answer = await request(fake.url + path, {
        method: method as "GET",
        headers: { "X-Api-Key": key, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, body: text === "" ? "" : JSON.parse(text) };
    },
    async received(count) {
      const requests = await target.waitFor(count);
      return requests.map(({ url, body }) => ({
        ...(JSON.parse(String(body)) as Omit<Envelope, "path">),
        path: url,
      }));
    },
  };
}

/** The statuses that the envelopes announce. */
export const statusesIn = (envelopes: readonly Envelope[]): unknown[] =>
  envelopes
    .filter(({ event }) => event === "session.status")
    .map(({ payload }) => payload["status"]);
