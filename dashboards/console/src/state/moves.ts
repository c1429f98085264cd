// Which rows have just moved: a press on a row that slid under the finger a moment ago was meant for another. Pure.
const kTooSoon = 300; // ms; faster than a person sees a change and holds the press back (our choice)

export class Moves {
  #places = new Map<string, number>();
  #movedAt = new Map<string, number>();

  // The rows from the top down, as they are shown now. A row is moved when it stands elsewhere than before, or is new where
  // another stood; new rows at the end move nothing.
  note(order: readonly string[], now: number): void {
    const places = new Map(order.map((id, place) => [id, place]));
    for (const [id, place] of places) {
      const before = this.#places.get(id);
      if (before === undefined ? place < this.#places.size : before !== place) this.#movedAt.set(id, now);
    }
    for (const id of this.#movedAt.keys()) if (!places.has(id)) this.#movedAt.delete(id);
    this.#places = places;
  }

  justMoved(id: string, now: number): boolean {
    return now - (this.#movedAt.get(id) ?? -Infinity) < kTooSoon;
  }
}
