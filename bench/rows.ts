import type { KernelForm, Precision } from '../engine/compiler/pipeline.ts';

/** Million cells that one stage of a step takes through the whole pipeline in a second. */
export interface ThroughputRow {
  readonly event: 'bench';
  readonly kernel: 'tsunami' | 'shallow-water';
  readonly backend: KernelForm;
  readonly precision: Precision;
  readonly threads: number;
  /** Cells across a tile, and across a panel. */
  readonly tile: number;
  readonly cells: number;
  readonly millionCellStagesPerSecond: number;
  /** What the water lies over: an ocean 4000 m deep, or the scenario's own bed. */
  readonly case: string;
  readonly repetitions: number;
}

/** Any other figure; what it is of stands in the further keys. */
export interface FigureRow {
  readonly event: 'bench';
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly [key: string]: unknown;
}

export type BenchRow = ThroughputRow | FigureRow;

/** Middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Three digits, enough for any timing. */
export const rounded = (value: number): number => Number(value.toPrecision(3));

const KNOWN = new Set(['event', 'figure', 'value', 'unit']);

/** A row for a person. */
export function describeRow(row: BenchRow): string {
  if ('figure' in row) {
    const facts = Object.entries(row).filter(([key]) => !KNOWN.has(key));
    const details = facts.map(([key, value]) => `${key} ${value}`).join(', ');
    return `${row.figure.padEnd(24)} ${String(row.value).padStart(8)} ${row.unit.padEnd(8)} ${details}`.trimEnd();
  }
  const { kernel, backend, precision, threads, tile, cells, millionCellStagesPerSecond: speed } = row;
  return [
    kernel.padEnd(13),
    backend.padEnd(4),
    precision,
    `${threads} thread${threads === 1 ? ' ' : 's'}`,
    `tile ${String(tile).padStart(3)}`,
    `cells ${String(cells).padStart(3)}`,
    row.case.padEnd(13),
    `${speed.toFixed(1).padStart(7)} million cell-stages/s`,
  ].join('  ');
}
