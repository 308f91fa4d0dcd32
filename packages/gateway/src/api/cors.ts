import type { FastifyCorsOptions } from "@fastify/cors";

/**
 * Cross-origin rules for routes whose callers bring a key or a token. Cookies are never allowed across
 * origins, so `*` is safe: a foreign page can only do what the credential it holds allows.
 */
export function corsOptions(allowedOrigins: readonly string[]): FastifyCorsOptions {
  return {
    origin: allowedOrigins.includes("*") ? "*" : [...allowedOrigins],
    credentials: false,
    methods: ["GET", "HEAD", "POST", "PATCH", "DELETE"],
    allowedHeaders: ["authorization", "apikey", "content-type", "accept-language", "x-tenant-id"],
    maxAge: 600,
    strictPreflight: false,
  };
}
