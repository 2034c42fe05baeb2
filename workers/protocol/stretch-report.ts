import { pack } from 'msgpackr';
import { sealed, unsealed } from './cluster-messages.ts';

/** What a member says of the stretch of a run between two cuts, beside the state of its tiles. */
export interface StretchReport {
  /** Samples that it has taken, by their place in the run. */
  readonly points: readonly number[];
  /** Their values at the start of each step of the stretch: Float64, little-endian, step by step. */
  readonly samples: Uint8Array;
  /** What disturbances did to the conserved integral of its cells: limbs of exact sums, see `Books` of the engine. */
  readonly reference: readonly number[];
  readonly displaced: readonly number[];
  /** Tile-steps that it has computed. */
  readonly computed: number;
}

export const packReport = (report: StretchReport): Uint8Array => sealed(pack(report));

/** More than any exact sum of Float64 has. */
const MOST_LIMBS = 1000;

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isSum = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= MOST_LIMBS && value.every((limb) => typeof limb === 'number');

/** Undefined for anything else, and for a report of another number of steps. */
export function readReport(bytes: Uint8Array, steps: number): StretchReport | undefined {
  const found = unsealed(bytes) as Partial<StretchReport> | null | undefined;
  if (typeof found !== 'object' || found === null) return undefined;
  const { points, samples, reference, displaced, computed } = found;
  const ok =
    Array.isArray(points) &&
    points.every(isCount) &&
    samples instanceof Uint8Array &&
    samples.length === 8 * points.length * steps &&
    isSum(reference) &&
    isSum(displaced) &&
    isCount(computed);
  return ok ? (found as StretchReport) : undefined;
}
