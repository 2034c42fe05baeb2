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

  /** Takes as much as a message costs; false where that is not left. Times in ms. */
  take(now: number, cost = 1): boolean {
    this.left = Math.min(this.burst, this.left + ((now - this.at) / 1000) * this.rate);
    this.at = now;
    if (this.left < cost) return false;
    this.left -= cost;
    return true;
  }
}
