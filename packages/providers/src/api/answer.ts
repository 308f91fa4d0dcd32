import type { ApiResponse } from "./request.ts";

/** A JSON answer of any status, read. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it came, without a byte order mark. */
  readonly text: string;
  /** Parsed; undefined when the body is empty or not JSON. */
  readonly value: unknown;
  readonly form: "json" | "empty" | "html" | "text";
}

/** Reads a body as JSON; never throws. */
export function readAnswer(response: ApiResponse): ApiAnswer {
  const { status, headers } = response;
  const text = new TextDecoder().decode(response.body);
  if (text.trim() === "") return { status, headers, text, value: undefined, form: "empty" };
  try {
    const value = JSON.parse(text) as unknown;
    return { status, headers, text, value, form: "json" };
  } catch {
    const isHtml =
      /^\s*</.test(text) || (headers["content-type"] ?? "").toLowerCase().includes("html");
    return { status, headers, text, value: undefined, form: isHtml ? "html" : "text" };
  }
}
