/** The little of Express that the peers use; its package ships no types. */
declare module "express" {
  import type { RequestListener } from "node:http";

  export interface Request {
    readonly body: unknown;
  }
  export interface Response {
    json(body: unknown): void;
    status(code: number): Response;
  }
  export type Handler = (request: Request, response: Response) => void;

  interface Application extends RequestListener {
    (...args: Parameters<RequestListener>): void;
    use(handler: unknown): void;
    post(path: string, handler: Handler): void;
  }
  const express: (() => Application) & { json(options?: { readonly limit?: string }): unknown };
  export default express;
}
