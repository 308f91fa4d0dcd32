import { expect, test } from "vitest";
import { redact } from "./redact.ts";

const members = ["apikey", "token", "headers", "jwt_key", "authorization"];
const secret = "S3CR3T-S3CR3T-S3CR3T";

test.each([
  `{"apikey":"${secret}"}`,
  `{"ApiKey":"${secret}","fine":1}`,
  `{"a":[{"TOKEN": "${secret}"}]}`,
  `{"apikey":"${secret}`,
  String.raw`{"message":"{\"apikey\":\"${secret}\"}"}`,
  // As database libraries print what they were given.
  `Invalid create() invocation: { data: { token: "${secret}", headers: { jwt_key: '${secret}' } } }`,
  JSON.stringify({ message: `{ data: { token: "${secret}" } }` }),
  JSON.stringify({ message: `{ data: { 'token': '${secret}' } }` }),
  `GET /x?apikey=${secret}&a=1`,
  `<a href="/x?a=1&token=${secret}">`,
  `apikey: ${secret}`,
  `Authorization: Bearer ${secret}`,
  `authorization=${secret}`,
])("a key is cut out by the name in front of it: %s", (text) => {
  expect(redact(text, [], members)).not.toContain("S3CR3T");
});

test.each([
  "Invalid token: expired",
  "the token is missing",
  "token: none",
  `tokenizer: "${secret}"`,
  `x-token-x="${secret}"`,
])("words about keys stay readable: %s", (text) => {
  expect(redact(text, [], members)).toBe(text);
});

test("a text made to be slow to search is searched at once all the same", () => {
  const evil = `"token":"${'\\"'.repeat(8_000)}`;
  expect(redact(evil.repeat(4), [], members).length).toBeLessThan(17_000);
});

const key = `S3CR3T-K"ey/+=x é&'<`;
const asJson = JSON.stringify(key);
test.each([
  key,
  asJson,
  JSON.stringify(JSON.stringify({ key })),
  JSON.stringify(JSON.stringify(JSON.stringify({ key }))),
  asJson.replaceAll("/", String.raw`\/`),
  asJson.replaceAll("é", String.raw`\u00e9`),
  encodeURIComponent(key),
  encodeURIComponent(encodeURIComponent(key)),
  new URLSearchParams({ key }).toString(),
  key
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    .replaceAll("<", "&lt;"),
  key.replaceAll("&", "&#x26;").replaceAll('"', "&#34;").replaceAll("/", "&#x2F;"),
  asJson.replaceAll('"', "&quot;"),
  encodeURI(JSON.stringify({ key })),
  key.toUpperCase(),
  Buffer.from(key).toString("base64"),
])("a secret is cut out in the spelling %s", (spelling) => {
  const text = redact(`before ${spelling} after`, [key], []);
  expect(text).toMatch(/^before .*\[key\].* after$/);
  expect(text).not.toMatch(/s3cr3t|UzNDUjNU/i);
});

test("a secret that looks like a spelling of another one is found too", () => {
  for (const secret of ["K%25&amp;1234", String.raw`K\\u0041\1234`, "K%41-12345"])
    expect(redact(`a ${secret} b`, [secret], [])).toBe("a [key] b");
});

test("the parts of a secret that open a door are secrets too", () => {
  const secrets = ["https://gateway.example/in/S3CR3T?k=1", "Bearer S3CR3T-TOKEN"];
  const text = "no answer from gateway.example at /in/S3CR3T?k=1 with S3CR3T-TOKEN";
  expect(redact(text, secrets, [])).toBe("no answer from gateway.example at [key] with [key]");
});

test("many long secrets are looked for in a long text without long thought", () => {
  const secrets = Array.from(
    { length: 40 },
    (_, index) => `http://gateway.example/in/${index}/${"ab".repeat(40)}`,
  );
  const text = `http://gateway.example/in/3/${"ab".repeat(39)}\\\\`.repeat(200);
  expect(redact(text, secrets, [])).toContain("gateway.example");
});

test("what is packed is not shown, since nothing can be found in it", () => {
  const body = Buffer.from(
    JSON.stringify({ url: `https://gateway.example/in/${"S3CR3T".repeat(20)}` }),
  );
  expect(redact(`got ${body.toString("base64")}`, ["S3CR3T"], [])).toBe("got [data]");
});

test("a long secret goes with its rest", () => {
  const long = `S3CR3T${"x".repeat(5_000)}END`;
  expect(redact(`a ${long} b`, [long], [])).toBe("a [key] b");
});
