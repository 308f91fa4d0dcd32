/** Writes the offset in front: `{"offset":7,…`. `json` is a non-empty object's text. */
export function withOffset(json: string, offset: number): string {
  return `{"offset":${offset},${json.slice(1)}`;
}

/** Adds `completes` to `data`, which is the last member and an object. */
export function withCompletes(json: string, completedId: string): string {
  if (!json.endsWith("}}")) throw new Error("an event's json must end with the object `data`");
  const separator = json.endsWith("{}}") ? "" : ",";
  return `${json.slice(0, -2)}${separator}"completes":${JSON.stringify(completedId)}}}`;
}
