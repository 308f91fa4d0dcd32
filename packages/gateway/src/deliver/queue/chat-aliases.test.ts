import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createStage, type EventSeed, type Stage } from "../testing/delivery-stage.ts";

const lid = "120000000000105@lid";
const phone = "5511900000105@s.whatsapp.net";
const pair = { lid, phone };

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
const servers: Server[] = [];
afterEach(async () => {
  await stage.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const say = (n: number, chatId: string, more: EventSeed = {}): EventSeed => ({
  instanceId: "ins_1",
  chatId,
  data: { event: "said", payload: { n } },
  ...more,
});

interface Said {
  readonly data: { readonly payload: { readonly n: number } };
}

/** A receiver that answers when told to, and says what it holds. */
async function slowReceiver() {
  const held: { readonly n: number; readonly response: ServerResponse }[] = [];
  const order: number[] = [];
  let arrived: () => void = () => undefined;
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const { n } = (body as Said).data.payload;
      order.push(n);
      held.push({ n, response });
      arrived();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    order,
    /** Resolves once exactly these are waiting for their answers. */
    async holding(...expected: readonly number[]): Promise<void> {
      while (held.length < expected.length) await new Promise<void>((next) => (arrived = next));
      expect(held.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(expected);
    },
    answer(n: number, status = 200): void {
      const at = held.findIndex((one) => one.n === n);
      if (at < 0) throw new Error(`${n} is not waiting for an answer`);
      for (const { response } of held.splice(at, 1)) response.writeHead(status).end();
    },
  };
}

describe("deliveries of one chat stay in order when its address changes", () => {
  test("also those that wait already when the pair becomes known, while one is slow and fails", async () => {
    const receiver = await slowReceiver();
    await stage.endpoint(receiver.url);
    await stage.start();
    await stage.append([say(1, lid), say(2, lid), say(100, "other@s.whatsapp.net")]);
    await receiver.holding(1, 100);
    await stage.append([say(3, phone, { pairs: [pair] })]);
    await stage.append([say(4, lid), say(5, phone), say(6, lid)]);
    receiver.answer(1, 500);
    receiver.answer(100);
    for (const next of [1, 2, 3, 4, 5, 6]) {
      await receiver.holding(next);
      receiver.answer(next);
    }
    await stage.until((all) => all.every(({ status }) => status === "succeeded"));
    expect(receiver.order).toEqual([1, 100, 1, 2, 3, 4, 5, 6]);
  });

  test("when both addresses have something under way already, both end before anything else goes", async () => {
    const receiver = await slowReceiver();
    await stage.endpoint(receiver.url);
    await stage.start();
    await stage.append([say(1, lid), say(2, phone), say(3, lid), say(4, phone)]);
    await receiver.holding(1, 2);
    await stage.append([say(50, "x@g.us", { pairs: [pair] })]);
    await receiver.holding(1, 2, 50);
    receiver.answer(50);
    receiver.answer(2);
    await receiver.holding(1);
    receiver.answer(1);
    for (const next of [3, 4]) {
      await receiver.holding(next);
      receiver.answer(next);
    }
    await stage.until((all) => all.every(({ status }) => status === "succeeded"));
    expect(receiver.order.slice(-2)).toEqual([3, 4]);
  });

  test("after a start, for what was planned under both before anything was known", async () => {
    const receiver = await slowReceiver();
    await stage.endpoint(receiver.url);
    const first = await stage.start();
    await stage.append([say(1, lid), say(2, phone), say(3, lid), say(4, phone)]);
    await receiver.holding(1, 2);
    const stopping = first.stop();
    receiver.answer(1, 500);
    receiver.answer(2, 500);
    await stopping;
    await stage.append([say(5, lid, { pairs: [pair] })]);
    await stage.start();
    for (const next of [1, 2, 3, 4, 5]) {
      await receiver.holding(next);
      receiver.answer(next);
    }
    await stage.until((all) => all.every(({ status }) => status === "succeeded"));
    expect(receiver.order.slice(2)).toEqual([1, 2, 3, 4, 5]);
  });

  test("and the same LID of another instance is another chat", async () => {
    const receiver = await slowReceiver();
    await stage.endpoint(receiver.url);
    await stage.start();
    await stage.append([say(1, lid, { pairs: [pair] })]);
    await receiver.holding(1);
    await stage.append([say(2, phone, { instanceId: "ins_2" }), say(3, phone)]);
    await receiver.holding(1, 2);
    for (const n of [1, 2]) receiver.answer(n);
    await receiver.holding(3);
    receiver.answer(3);
    await stage.until((all) => all.every(({ status }) => status === "succeeded"));
    expect(receiver.order).toEqual([1, 2, 3]);
  });
});

test("a delivery that is tried again says the phone that became known since", async () => {
  const receiver = await stage.receiver();
  await stage.endpoint(receiver.url);
  const contact = { jid: lid, lid };
  const [early] = await stage.append([say(1, lid, { contact, contactLid: lid })]);
  await stage.append([say(2, phone, { pairs: [pair] })]);
  await stage.start();
  const requests = await receiver.waitFor(2);
  const sent = requests.find(({ headers }) => headers["webhook-id"] === early?.id);
  expect(JSON.parse(sent?.body.toString() ?? "")).toMatchObject({
    id: early?.id,
    contact: { jid: lid, lid, phone: "5511900000105" },
  });
});
