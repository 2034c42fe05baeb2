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
  /** Whether it agrees with the processor. */
  readonly agrees?: boolean;
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

/** Those to measure: where there is a card, what draws on the processor is left out. */
export const worthMeasuring = <D extends { readonly software: boolean }>(devices: readonly D[]): readonly D[] =>
  devices.some(({ software }) => !software) ? devices.filter(({ software }) => !software) : devices;

export const parityOf = (found: {
  readonly agrees: boolean;
  readonly worst: string;
  readonly shareOfBound: number;
}): Pick<GpuRow, 'parity' | 'agrees'> => ({ parity: parityLine(found), agrees: found.agrees });

const parityLine = ({ agrees, worst, shareOfBound }: Parameters<typeof parityOf>[0]): string => {
  const difference = shareOfBound === 0 ? 'to the bit' : `${worst} at ${shareOfBound.toPrecision(2)} of its bound`;
  return `${agrees ? 'agrees' : 'DOES NOT AGREE'} with the processor: ${difference}`;
};

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
