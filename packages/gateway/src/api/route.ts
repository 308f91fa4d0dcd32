import { errorBodySchema, type Parsed, type RouteContract } from "@recado/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Caller } from "./caller.ts";
import { preferredLanguage, type Language } from "./language.ts";
import { bodyLimit, settleBody, type BodyNeed } from "./json-body.ts";

/** JSON that is already text: sent as it is, not parsed and written again. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A picture instead of JSON, where the caller asked for one. */
export class Picture {
  readonly type: "image/png";
  readonly bytes: Buffer;

  constructor(type: "image/png", bytes: Buffer) {
    this.type = type;
    this.bytes = bytes;
  }
}

/** What some routes need of a request beside what its contract parses. */
export interface RequestFacts {
  /** Where it came from: the caller's address, or a proxy's in front of this server. */
  readonly address: string;
  /** A header by its lower-case name; the first where it was sent more than once. */
  header(name: string): string | undefined;
  /** Aborts when nobody waits for the answer any more. */
  untilGone(): AbortSignal;
}

/** What a handler gets: everything parsed by the route's contract. */
export interface RouteInput<C extends RouteContract> {
  readonly params: Parsed<C, "params">;
  readonly query: Parsed<C, "query">;
  readonly body: Parsed<C, "body">;
  readonly caller: C["permission"] extends "public" ? undefined : Caller;
  /** For sentences to people. */
  readonly language: Language;
  readonly request: RequestFacts;
}

type Answer<C extends RouteContract> = C["response"] extends z.ZodType
  ? Parsed<C, "response"> | JsonText | Picture
  : void;

export type RouteHandler<C extends RouteContract> = (
  input: RouteInput<C>,
) => Answer<C> | Promise<Answer<C>>;

function requestFacts(request: FastifyRequest, reply: FastifyReply): RequestFacts {
  return {
    address: request.ip,
    header: (name) => [request.headers[name]].flat()[0],
    untilGone() {
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      return gone.signal;
    },
  };
}

/** No fields: a misspelt one is named, not ignored. */
const nothing = z.strictObject({});

function bodyNeed(contract: RouteContract): BodyNeed {
  if (!contract.body) return "none";
  return contract.bodyOptional ? "optional" : "required";
}

function schemaOf(contract: RouteContract): Record<string, unknown> {
  return {
    tags: [contract.tag],
    summary: contract.summary,
    params: contract.params ?? nothing,
    querystring: contract.query ?? nothing,
    ...(contract.body ? { body: contract.body } : {}),
    ...(contract.permission === "public" ? { security: [] } : {}),
    response: { [contract.status]: contract.response ?? z.undefined(), "4xx": errorBodySchema },
  };
}

/** Serves a contract. The only way in which routes of the API are made, so that none lacks a permission. */
export function route<const C extends RouteContract>(
  app: FastifyInstance,
  contract: C,
  handler: RouteHandler<C>,
): void {
  const need = bodyNeed(contract);
  app.route({
    method: contract.method,
    url: contract.path,
    bodyLimit,
    schema: schemaOf(contract),
    config: { permission: contract.permission },
    preValidation: (request, _reply, done) => {
      settleBody(request, need);
      done();
    },
    handler: async (request, reply) => {
      const { params, query, body, caller } = request;
      const language = preferredLanguage(request.headers["accept-language"], "en");
      const facts = requestFacts(request, reply);
      const input = { params, query, body, caller, language, request: facts };
      const answer = await handler(input as RouteInput<C>);
      reply.code(contract.status).header("cache-control", "no-store");
      if (answer instanceof Picture) return reply.type(answer.type).send(answer.bytes);
      if (answer instanceof JsonText) reply.type("application/json; charset=utf-8");
      return reply.send(answer instanceof JsonText ? answer.text : answer);
    },
  });
}
