/** Shortest time between captures [ms]. */
const SHORTEST = 100;
/** Part of the wall time that captures may take where they take it from the run itself. */
const SHARE = 0.03;

/** What captures may take at first, over and above their share [ms]: a picture that has just come is to move at once. */
const ADVANCE = 800;

/** Says when the next capture may be made, from what the last ones have cost. */
export class CaptureBudget {
  private last = Number.NEGATIVE_INFINITY;
  private next = Number.NEGATIVE_INFINITY;
  private advance = ADVANCE;
  private readonly share: number;

  /** `share` of the wall time, or 1 where captures cost the run next to nothing. */
  constructor(competes: boolean) {
    this.share = competes ? SHARE : 1;
  }

  allows(now: number): boolean {
    return now >= this.allowedAt();
  }

  /** Milliseconds of performance.now(). */
  allowedAt(): number {
    return Math.max(this.next, this.last + SHORTEST);
  }

  begin(now: number): void {
    // One that comes a little late does not put off the next.
    this.last = Math.max(now - SHORTEST / 2, Math.min(now, this.last + SHORTEST));
    this.next = now;
  }

  /** Books milliseconds of work; what follows waits until they are no more than their share. */
  spend(milliseconds: number): void {
    const advanced = Math.min(milliseconds, this.advance);
    this.advance -= advanced;
    this.next += advanced + (milliseconds - advanced) / this.share;
  }
}
