import type { Shares } from './gpu-shares.ts';
import { rounded } from './rows.ts';

/** One case of every model; all tiles at work. */
export const CASES = [
  { model: 'tsunami', scenario: 'tohoku-2011' },
  { model: 'shallow-water', scenario: 'williamson-2' },
  { model: 'transport', scenario: 'williamson-1' },
] as const;

/** Cells across a panel and a tile: on a graphics card, and on a processor that draws for one. */
export const SIZES = {
  card: [
    [96, 48],
    [270, 90],
    [540, 90],
  ],
  software: [
    [24, 24],
    [48, 24],
  ],
} as const;

/** What one back end makes of one case. */
export interface GpuRow {
  readonly event: 'bench-gpu';
  readonly model: string;
  readonly backend: 'wasm' | 'webgpu' | 'webgl';
  readonly on: string;
  readonly cells: number;
  readonly tile: number;
  readonly millionCellStagesPerSecond: number;
  readonly shares?: Shares;
  /** Of the field that differs most, what it differs by and what is allowed. */
  readonly parity?: string;
  readonly failed?: string;
}

/** What is set in a case's scenario for a size; a device computes in float32 alone. */
export const settingsOf = (cells: number, tile: number): readonly string[] => [
  `grid.cells=${cells}`,
  `grid.tile=${tile}`,
  'model.precision=float32',
];

export const speedOf = ({ millionCellStagesPerSecond }: Pick<GpuRow, 'millionCellStagesPerSecond'>) => ({
  millionCellStagesPerSecond: rounded(millionCellStagesPerSecond),
});

export const parityLine = (found: {
  readonly agrees: boolean;
  readonly worst: string;
  readonly shareOfBound: number;
}): string =>
  `${found.agrees ? 'agrees' : 'DOES NOT AGREE'} with the processor: ${found.worst} at ${found.shareOfBound.toPrecision(2)} of its bound`;

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

/** A row as a line of text. */
export function describeRow(row: GpuRow): string {
  const { model, backend, on, cells, millionCellStagesPerSecond, shares, parity, failed } = row;
  const head = `${model.padEnd(14)} ${String(cells).padStart(4)}  ${backend.padEnd(7)}`;
  if (failed) return `${head} ${on}: ${failed}`;
  const told = shares
    ? `  upload ${percent(shares.upload)}, compute ${percent(shares.compute)}, ghosts ${percent(shares.ghosts)}, readback ${percent(shares.readback)}`
    : '';
  return `${head} ${String(millionCellStagesPerSecond).padStart(8)} million cell-stages/s  ${on}${told}${parity ? `; ${parity}` : ''}`;
}
