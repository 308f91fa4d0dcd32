import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { generateSecret, isUsableSecret, signatureHeader, signerFor } from "./signing.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const timestamp = 1_614_265_330;

describe("signatures of the specification's vectors, byte for byte", () => {
  test.each([
    ['{"test": 2432232314}', "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="],
    ["", "v48jdbgvh29KJz2Qc+ghw8G6vG3nAKnujWBg8oM/62A="],
    ['{"t":"olá 👋🏽 ção"}', "tWuvc/fnDt8F7ntYpgqQLZ6tkbE4BjmDTOP+KsXVKNk="],
    ['{"a":1}\n', "gHpkzUwAcTCAx6mVTdVP1Xcvw5OF91BO8CGnDfdstVo="],
  ])("%j", (body, expected) => {
    expect(signerFor(secret)(id, timestamp, Buffer.from(body))).toBe(`v1,${expected}`);
  });

  test("the specification's example event", () => {
    const body =
      '{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z","data":{"id":"1f81eb52-5198-4599-803e-771906343485"}}';
    const sign = signerFor(secret);
    expect(sign("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", 1_674_087_231, Buffer.from(body))).toBe(
      "v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ=",
    );
  });
});

test("an independent HMAC agrees, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const body = Buffer.from(text);
      const key = Buffer.from(secret.slice("whsec_".length), "base64");
      const hmac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body);
      return signerFor(secret)(id, timestamp, body) === `v1,${hmac.digest("base64")}`;
    }),
  );
});

test("several secrets give signatures separated by spaces, the current one first, and each verifies", () => {
  const secrets = [generateSecret(), generateSecret(24)];
  const body = Buffer.from('{"a":1}');
  const now = Math.floor(Date.now() / 1_000);
  const signature = signatureHeader(secrets.map(signerFor), id, now, body);
  expect(signature.split(" ")[0]).toBe(signerFor(secrets[0] ?? "")(id, now, body));
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(now),
    "webhook-signature": signature,
  };
  for (const each of secrets) expect(new Webhook(each).verify(body, headers)).toEqual({ a: 1 });
});

describe("secrets", () => {
  test.each([24, 36, 48] as const)(
    "generated ones of %i bytes are usable and end without =",
    (size) => {
      const generated = generateSecret(size);
      expect(isUsableSecret(generated)).toBe(true);
      expect(generated).not.toContain("=");
      expect(generateSecret(size)).not.toBe(generated);
    },
  );

  const of = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 251).toString("base64")}`;

  test.each([24, 25, 32, 64])("%i bytes are usable", (size) =>
    expect(isUsableSecret(of(size))).toBe(true),
  );

  test.each([
    ["nothing", ""],
    ["the prefix alone", "whsec_"],
    ["23 bytes", of(23)],
    ["65 bytes", of(65)],
    ["base64url", of(32).replaceAll("+", "-").replaceAll("/", "_")],
    ["missing padding", of(32).replaceAll("=", "")],
    ["a wrong prefix", `v1,${of(32)}`],
    ["no prefix", of(32).slice("whsec_".length)],
    ["a space", `${of(24)} `],
    ["a line end", `${of(24)}\n`],
  ])("%s is not", (_name, text) => expect(isUsableSecret(text)).toBe(false));
});
