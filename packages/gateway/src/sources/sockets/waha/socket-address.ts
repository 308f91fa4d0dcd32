/**
 * The address of WAHA's `/ws` (2026.2.1, recorded). Its key can only stand in the query, so this address
 * is a secret: it goes to the connection and nowhere else.
 *
 * `*` leaves `state.change` and `engine.event` out, and so do we: both repeat the engine's raw events, keys
 * and QR codes included, of things that other events tell as well.
 */
export function socketAddress(base: URL, apiKey: string): URL {
  const address = new URL(`${base.pathname.replace(/\/+$/, "")}/ws`, base.origin);
  address.searchParams.set("x-api-key", apiKey);
  address.searchParams.set("session", "*");
  address.searchParams.set("events", "*");
  return address;
}
