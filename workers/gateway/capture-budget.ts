/** Shortest time between captures [ms]. */
const SHORTEST = 100;
/** Part of the wall time that captures may take where they take it from the run itself. */
const SHARE = 0.03;

/** Captures whose time says little of those to come: their code is still being compiled. */
const WARMING_UP = 4;
const WARM_SHARE = 0.2;

/** Says when the next capture may be made, from what the last ones have cost. */
export class CaptureBudget {
  private last = Number.NEGATIVE_INFINITY;
  private next = Number.NEGATIVE_INFINITY;
  private captures = 0;
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
    this.captures++;
  }

  /** Books milliseconds of work; what follows waits until they are no more than their share. */
  spend(milliseconds: number): void {
    this.next += (milliseconds * (this.captures < WARMING_UP ? WARM_SHARE : 1)) / this.share;
  }
}
