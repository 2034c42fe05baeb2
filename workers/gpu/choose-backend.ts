import type { Parity } from './parity.ts';

/** What could compute a run: how fast it did in a trial, or why it was not tried, or did not hold. */
export type Candidate =
  | {
      readonly name: string;
      readonly outcome: 'measured';
      readonly millionCellStagesPerSecond: number;
      /** Of devices: whether they agree with the processor. */
      readonly parity?: Parity;
    }
  | { readonly name: string; readonly outcome: 'left-out'; readonly why: string };

/** What `--backend auto` took, why, and what it knew. Kept with the run. */
export interface BackendChoice {
  readonly backend: 'wasm' | 'webgpu';
  /** As provenance names it. */
  readonly chosen: string;
  readonly why: string;
  readonly candidates: readonly Candidate[];
}

const speed = ({ millionCellStagesPerSecond }: { readonly millionCellStagesPerSecond: number }): string =>
  `${millionCellStagesPerSecond.toPrecision(3)} million cell-stages a second`;

/** The fastest of those that agree with the processor; the processor itself where none is faster. */
export function chooseBackend(processor: Candidate, devices: readonly Candidate[]): BackendChoice {
  const candidates = [processor, ...devices];
  const stay = (why: string): BackendChoice => ({ backend: 'wasm', chosen: processor.name, why, candidates });
  if (processor.outcome === 'left-out') return stay(processor.why);
  const tried = devices.flatMap((device) => (device.outcome === 'measured' ? [device] : []));
  const agreeing = tried.filter(({ parity }) => parity?.agrees);
  if (tried.length === 0) return stay('no device could be measured against it');
  if (agreeing.length === 0) return stay('no device agrees with it');
  const best = agreeing.reduce((a, b) => (b.millionCellStagesPerSecond > a.millionCellStagesPerSecond ? b : a));
  const faster = best.millionCellStagesPerSecond / processor.millionCellStagesPerSecond;
  if (!(faster > 1)) return stay(`${speed(processor)}, ${best.name} ${speed(best)}`);
  return {
    backend: 'webgpu',
    chosen: best.name,
    why: `${faster.toPrecision(3)} times as fast as ${processor.name}, and within the bounds`,
    candidates,
  };
}

/** A candidate in a line for people. */
export function describeCandidate(candidate: Candidate): string {
  if (candidate.outcome === 'left-out') return `${candidate.name}: not measured, ${candidate.why}`;
  const { name, parity } = candidate;
  const held = parity
    ? `, ${parity.agrees ? 'agrees' : 'DOES NOT AGREE'} with the processor after ${parity.steps} steps (${parity.worst} at ${parity.shareOfBound.toPrecision(2)} of its bound)`
    : '';
  return `${name}: ${speed(candidate)}${held}`;
}
