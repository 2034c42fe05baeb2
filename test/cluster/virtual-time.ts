import type { Clock } from '../../workers/node/clock.ts';

/** Numbers from a seed, 0 ≤ x < 1: mulberry32 (Tommy Ettinger, public domain). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
  cancelled: boolean;
}

/** A clock that stands still until it is turned: what is due happens in order, each thing to its end before the next. */
export class VirtualTime {
  now = 0;
  private order = 0;
  private readonly due: Due[] = [];

  after(milliseconds: number, act: () => void): () => void {
    const entry: Due = { at: this.now + Math.max(0, milliseconds), order: this.order++, act, cancelled: false };
    // A heap by time, then by order.
    this.due.push(entry);
    let k = this.due.length - 1;
    while (k > 0) {
      const parent = (k - 1) >> 1;
      if (!isBefore(this.due[k]!, this.due[parent]!)) break;
      this.swap(k, parent);
      k = parent;
    }
    return () => {
      entry.cancelled = true;
    };
  }

  /** Turns on until something is so; false if that is not before a time. */
  async runUntil(isSo: () => boolean, latest: number): Promise<boolean> {
    while (!isSo()) {
      const next = this.due[0];
      if (!next || next.at > latest) return false;
      this.pop();
      if (next.cancelled) continue;
      this.now = next.at;
      next.act();
      // Whatever it set off without waiting for time.
      await new Promise(setImmediate);
    }
    return true;
  }

  private pop(): void {
    const last = this.due.pop()!;
    if (this.due.length === 0) return;
    this.due[0] = last;
    for (let k = 0; ; ) {
      const [left, right] = [2 * k + 1, 2 * k + 2];
      let least = k;
      if (left < this.due.length && isBefore(this.due[left]!, this.due[least]!)) least = left;
      if (right < this.due.length && isBefore(this.due[right]!, this.due[least]!)) least = right;
      if (least === k) return;
      this.swap(k, least);
      k = least;
    }
  }

  private swap(a: number, b: number): void {
    [this.due[a], this.due[b]] = [this.due[b]!, this.due[a]!];
  }
}

const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A process's own clock: fast or slow, and standing still with its process while that is frozen. */
export class ProcessClock implements Clock {
  frozenUntil = 0;
  private readonly time: VirtualTime;
  private readonly rate: number;

  constructor(time: VirtualTime, rate: number) {
    this.time = time;
    this.rate = rate;
  }

  now(): number {
    return this.time.now * this.rate;
  }

  /** Acts once the process is awake. */
  awake(act: () => void): void {
    const left = this.frozenUntil - this.time.now;
    if (left <= 0) act();
    else this.time.after(left, () => this.awake(act));
  }

  every(milliseconds: number, act: () => void): () => void {
    let isOver = false;
    const again = () => {
      this.time.after(milliseconds / this.rate, () => {
        if (!isOver)
          this.awake(() => {
            if (isOver) return;
            act();
            again();
          });
      });
    };
    again();
    return () => {
      isOver = true;
    };
  }

  wait(milliseconds: number): Promise<void> {
    return new Promise((done) => this.time.after(milliseconds / this.rate, () => this.awake(done)));
  }
}
