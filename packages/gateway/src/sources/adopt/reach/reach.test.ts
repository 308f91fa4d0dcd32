import { describe, expect, test } from "vitest";
import type { OutboundOutcome } from "../../../outbound/index.ts";
import { explainReach, type ReachFacts } from "./explain-reach.ts";
import { problemOf } from "./judge-answer.ts";

const timings = { totalMs: 1 };

function answered(
  statusCode: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): OutboundOutcome {
  const common = { truncated: false, remoteAddress: "127.0.0.1", timings };
  return { kind: "answered", statusCode, headers, body: Buffer.from(body), ...common };
}

function failed(errorCode: string): OutboundOutcome {
  const code = errorCode as Extract<OutboundOutcome, { kind: "failed" }>["errorCode"];
  return { kind: "failed", errorCode: code, errorMessage: "x", timings };
}

const page = "<!doctype html><title>Welcome to nginx</title>";

test.each<[string, OutboundOutcome, string | undefined]>([
  ["our own door", answered(400, '{"success":false,"code":"body_empty"}'), undefined],
  ["another gateway", answered(401, '{"code":"ingest_token_unknown"}'), "other_gateway"],
  ["a page", answered(200, page, { "content-type": "text/html" }), "web_page"],
  ["a page that is not found", answered(404, page), "web_page"],
  ["a page without its type", answered(200, `\n ${page}`), "web_page"],
  ["another program", answered(404, '{"message":"Cannot POST /in/x"}'), "other_program"],
  ["a program that takes everything", answered(200, "{}"), "other_program"],
  ["a redirect", answered(301, page, { location: "https://x" }), "redirect"],
  ["a login", answered(401, page, { "content-type": "text/html" }), "proxy_refuses"],
  ["a firewall", answered(403, "no"), "proxy_refuses"],
  ["a proxy without us", answered(502, page, { "content-type": "text/html" }), "proxy_fails"],
  ["a mark in a wrong place", answered(200, '{"code":"body_empty"}'), "other_program"],
  ["an unknown name", failed("dns_error"), "name_not_found"],
  ["a name server that sleeps", failed("dns_timeout"), "name_not_found"],
  ["nobody", failed("connection_refused"), "refused"],
  ["silence", failed("timeout"), "timeout"],
  ["a firewall that drops", failed("connect_timeout"), "timeout"],
  ["an old certificate", failed("tls_expired"), "tls"],
  ["a certificate of another name", failed("tls_wrong_name"), "tls"],
  ["no HTTP", failed("bad_response"), "not_http"],
  ["a blocked address", failed("blocked_address"), "not_callable"],
])("%s is told from our own door", (_what, outcome, problem) => {
  expect(problemOf(outcome)).toBe(problem);
});

describe("what the facts mean", () => {
  const good: ReachFacts = {
    publicUrl: "https://recado.example.com",
    serverUrl: "https://evo.example.com",
    problem: undefined,
    isInPlace: true,
    serverAnswers: true,
    isProven: false,
  };
  test.each<[string, Partial<ReachFacts>, string, readonly string[]]>([
    ["nothing speaks against it", {}, "unproven", ["unproven"]],
    ["a webhook came", { isProven: true }, "reaches", ["proven"]],
    [
      "a webhook came, whatever our own call says",
      { isProven: true, problem: "timeout", publicUrl: "http://localhost:3001" },
      "reaches",
      ["proven"],
    ],
    [
      "localhost for a server elsewhere",
      { publicUrl: "http://localhost:3001" },
      "fails",
      ["loopback_remote"],
    ],
    [
      "localhost for a container's name",
      { publicUrl: "http://127.0.0.1:3001", serverUrl: "http://evolution:8080" },
      "fails",
      ["loopback_remote"],
    ],
    [
      "localhost for a published port",
      { publicUrl: "http://[::1]:3001", serverUrl: "http://localhost:8080" },
      "unproven",
      ["loopback_local", "unproven"],
    ],
    [
      "a private address for a public server",
      { publicUrl: "http://192.168.0.5:3001" },
      "unproven",
      ["private_remote", "unproven"],
    ],
    [
      "a container's name for a container",
      { publicUrl: "http://recado:3001", serverUrl: "http://evolution:8080" },
      "unproven",
      ["unproven"],
    ],
    ["a name that is not known", { problem: "name_not_found" }, "fails", ["name_not_found"]],
    ["no webhook there", { isInPlace: false }, "fails", ["not_in_place"]],
    ["a server that is off", { serverAnswers: false }, "fails", ["provider_silent"]],
  ])("%s", (_what, change, verdict, codes) => {
    const told = explainReach({ ...good, ...change });
    expect([told.verdict, told.explanations.map(({ code }) => code)]).toEqual([verdict, codes]);
    for (const { en, pt } of told.explanations) {
      expect(en.length).toBeGreaterThan(20);
      expect(pt.length).toBeGreaterThan(20);
      expect(en).not.toBe(pt);
    }
  });
});
