import { cosh } from '../engine/math/index.ts';

/** Height of a wave [m] above still water as it comes in, by the time after the start [s]. */
export type HeightInTime = (seconds: number) => number;

/**
 * A solitary wave as it passes a place, its crest at `crest` [s]: η = H sech²(√(3H/4d) c (t − T)/d) with c = √(g (d + H)),
 * Boussinesq's, Synolakis (1987) eq. 2.4.
 */
export function solitaryInTime(height: number, depth: number, crest: number, gravity: number): HeightInTime {
  const rate = (Math.sqrt((3 * height) / (4 * depth)) / depth) * Math.sqrt(gravity * (depth + height));
  return (seconds) => {
    const phase = rate * (seconds - crest);
    // cosh overflows far from the crest, where the wave is nothing.
    return Math.abs(phase) > 300 ? 0 : height / cosh(phase) ** 2;
  };
}

/**
 * A record as a smooth function of time: cubic between its samples, with the slope of the parabola through each sample
 * and its neighbours; 0 before the first and after the last. Times ascend.
 */
export function recordInTime(seconds: ArrayLike<number>, metres: ArrayLike<number>): HeightInTime {
  const count = seconds.length;
  const chord = (k: number): number => (metres[k + 1]! - metres[k]!) / (seconds[k + 1]! - seconds[k]!);
  const slopes = Float64Array.from({ length: count }, (_, k) => {
    if (count < 2) return 0;
    if (k === 0) return chord(0);
    if (k === count - 1) return chord(count - 2);
    const before = seconds[k]! - seconds[k - 1]!;
    const after = seconds[k + 1]! - seconds[k]!;
    return (chord(k - 1) * after + chord(k) * before) / (before + after);
  });
  return (time) => {
    if (!(time >= seconds[0]! && time <= seconds[count - 1]!)) return 0;
    let [low, high] = [0, count - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (seconds[middle]! <= time) low = middle;
      else high = middle;
    }
    if (high === low) return metres[low]!;
    const span = seconds[high]! - seconds[low]!;
    const s = (time - seconds[low]!) / span;
    const r = 1 - s;
    return (
      r * r * ((1 + 2 * s) * metres[low]! + s * span * slopes[low]!) +
      s * s * ((1 + 2 * r) * metres[high]! - r * span * slopes[high]!)
    );
  };
}
