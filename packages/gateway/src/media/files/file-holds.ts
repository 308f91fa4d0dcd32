/** Which files must stay although nothing refers to them yet, by their place. Held as often as it is asked for. */
export class FileHolds {
  readonly #held = new Map<string, number>();

  has(place: string): boolean {
    return this.#held.has(place);
  }

  /** Until the returned function is called, which may be called again. */
  hold(places: readonly string[]): () => void {
    for (const place of places) this.#held.set(place, (this.#held.get(place) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      for (const place of places) {
        const left = (this.#held.get(place) ?? 1) - 1;
        if (left === 0) this.#held.delete(place);
        else this.#held.set(place, left);
      }
    };
  }
}
