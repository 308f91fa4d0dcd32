const form = /^evt_([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/;

/** An event's id as it is stored: the 16 bytes of its UUID, or the text of an id that is made otherwise. */
export function packId(id: string): Uint8Array | string {
  return form.test(id) ? Buffer.from(id.slice(4).replaceAll("-", ""), "hex") : id;
}

export function unpackId(stored: Uint8Array | string): string {
  if (typeof stored === "string") return stored;
  const hex = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength).toString("hex");
  return `evt_${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
