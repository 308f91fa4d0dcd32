import type { Random } from "../random.ts";

/** What a scripted receiver does with one request. */
export type Answer =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly delayMs?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** Sends this many bytes instead of `body`. */
      readonly bodyBytes?: number;
    }
  /** Accepts the request and never answers; the connection stays open until the receiver closes. */
  | { readonly kind: "hang" }
  /** Resets the TCP connection instead of answering. */
  | { readonly kind: "reset"; readonly delayMs?: number }
  /** Answers with bytes that are not HTTP. */
  | { readonly kind: "garbage" }
  /** Promises a body and ends the connection in the middle of it. */
  | { readonly kind: "cut"; readonly status: number };

/** The `index`-th request (from 0) decides its own answer. */
export type Script = (request: {
  readonly index: number;
  readonly method: string;
  readonly url: string;
}) => Answer;

type AnswerOptions = Omit<Extract<Answer, { kind: "answer" }>, "kind" | "status">;

export function answer(status: number, options: AnswerOptions = {}): Answer {
  return { kind: "answer", status, ...options };
}

/** `seconds` or an HTTP date as `Retry-After`. */
export function retryLater(status: number, retryAfter: number | string): Answer {
  return answer(status, { headers: { "retry-after": String(retryAfter) } });
}

export function redirect(status: 301 | 302 | 303 | 307 | 308, location: string): Answer {
  return answer(status, { headers: { location } });
}

/** Each answer once, in order; the last one for everything after. */
export function inOrder(first: Answer, ...rest: readonly Answer[]): Script {
  const answers = [first, ...rest];
  return ({ index }) => answers[Math.min(index, answers.length - 1)] ?? first;
}

/** An answer per path, the longest matching prefix first; requests are counted per prefix. */
export function byPath(
  scripts: Readonly<Record<string, Script>>,
  otherwise: Script = () => answer(404),
): Script {
  const prefixes = Object.keys(scripts).toSorted((left, right) => right.length - left.length);
  const counts = new Map<string, number>();
  return (request) => {
    const prefix = prefixes.find((candidate) => request.url.startsWith(candidate)) ?? "";
    const index = counts.get(prefix) ?? 0;
    counts.set(prefix, index + 1);
    return (scripts[prefix] ?? otherwise)({ ...request, index });
  };
}

/** Failures that a real destination shows now and then. */
export const usualFailures: readonly Answer[] = [
  answer(500, { body: "internal server error" }),
  answer(502, {
    body: "<html><body>502 Bad Gateway</body></html>",
    headers: { "content-type": "text/html" },
  }),
  retryLater(503, 1),
  answer(429, { headers: { "retry-after": "1" } }),
  { kind: "reset" },
  { kind: "garbage" },
];

/**
 * Fails now and then: each request with `failureRate`, and whole stretches of `outageLength` requests with
 * `outageRate`. The same `random` gives the same sequence.
 */
export function nowAndThen(options: {
  readonly random: Random;
  /** In [0, 1]. */
  readonly failureRate: number;
  readonly outageRate?: number;
  readonly outageLength?: number;
  readonly failures?: readonly Answer[];
  readonly success?: Answer;
}): Script {
  const {
    random,
    failureRate,
    outageRate = 0,
    outageLength = 10,
    failures = usualFailures,
  } = options;
  const success = options.success ?? answer(200, { body: "ok" });
  let outageLeft = 0;
  return () => {
    if (outageLeft === 0 && random.chance(outageRate)) outageLeft = outageLength;
    if (outageLeft > 0) {
      outageLeft -= 1;
      return answer(503);
    }
    return random.chance(failureRate) ? random.pick(failures) : success;
  };
}
