/** Round trips that a summary is of. */
const KEPT = 256;

/** The latest round trips of a node's requests to the leader. */
export class RoundTrips {
  private readonly kept: number[] = [];
  private next = 0;

  add(milliseconds: number): void {
    this.kept[this.next] = Math.max(0, milliseconds);
    this.next = (this.next + 1) % KEPT;
  }

  /** Median and 95th percentile [ms], by nearest rank; undefined before the first. */
  summary(): { readonly p50: number; readonly p95: number } | undefined {
    if (this.kept.length === 0) return undefined;
    const sorted = [...this.kept].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]!;
    return { p50: at(0.5), p95: at(0.95) };
  }
}
