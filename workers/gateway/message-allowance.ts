/** Messages that a connection may send: `burst` at once, `rate` a second in the long run. */
export class MessageAllowance {
  private left: number;
  private at: number;
  private readonly burst: number;
  private readonly rate: number;

  constructor(now: number, { burst, rate }: { readonly burst: number; readonly rate: number }) {
    this.left = burst;
    this.at = now;
    this.burst = burst;
    this.rate = rate;
  }

  /** Takes one; false where none is left. Times in ms. */
  take(now: number): boolean {
    this.left = Math.min(this.burst, this.left + ((now - this.at) / 1000) * this.rate);
    this.at = now;
    if (this.left < 1) return false;
    this.left--;
    return true;
  }
}
