import { Refusal } from "../../serving/json-server.ts";

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
};

/**
 * Evolution's form of an error. `message` is a text (401 and 500), a list of texts, or a list that holds
 * a list: what a schema has to say (recorded).
 */
export function refuse(status: number, message: unknown): Refusal {
  const error = reasons[status] ?? "Internal Server Error";
  return new Refusal({ status, body: { status, error, response: { message } } });
}

/** A body that is not JSON has the status of a bad request and the name of a crash (recorded). */
export function refuseMalformed(reason: string): Refusal {
  const response = { message: reason };
  return new Refusal({
    status: 400,
    body: { status: 400, error: "Internal Server Error", response },
  });
}

/** A call that failed inside answers 200 all the same, and the error as a text of an object (recorded). */
export const failedQuietly = {
  status: 200,
  body: { error: true, message: "[object Object]" },
} as const;
