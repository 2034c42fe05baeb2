import { bytesPerElement, elementIndex, SIDES, type TileLayout } from './pipeline.ts';
import { type Plan, readsOf, type SweepStage } from './plan.ts';

/**
 * Where a stage finds its operands. A stage's loop runs over one row; each base is an address that moves along with the
 * cell (or, for row fields, stands still), and an operand lies a constant number of bytes behind its base.
 *
 * cell: tile + (j · stride + x) · width; column: tile + x · width; row: tile + j · width;
 * ring: the slot of row j + dj, plus (x − x0) · width. All with x from the stage's x0.
 */
export type Base =
  | { readonly kind: 'cell' | 'column' | 'row'; readonly shift: number }
  | { readonly kind: 'ring'; readonly ring: number; readonly dj: number };

export interface Operand {
  readonly base: number;
  /** Bytes behind the base, never negative. */
  readonly offset: number;
}

export interface StageAddresses {
  readonly bases: readonly Base[];
  read(name: string, di: number, dj: number): Operand;
  write(field: string): Operand;
}

export function stageAddresses(plan: Plan, stage: SweepStage): StageAddresses {
  const { layout } = plan;
  const width = bytesPerElement(layout.precision);
  const rowBytes = layout.stride * width;
  const bases: Base[] = [];
  const index = new Map<string, number>();
  const lowest = { cell: 0, column: 0, row: 0 };

  const unshifted = (name: string, di: number, dj: number) => {
    const field = layout.fields.get(name)!;
    const start = field.offset + elementIndex(layout, field.shape, field.shape === 'row' ? 0 : stage.box.x0, 0) * width;
    const step =
      field.shape === 'cell' ? di * width + dj * rowBytes : field.shape === 'column' ? di * width : dj * width;
    return { shape: field.shape, bytes: start + step };
  };
  const isStored = (name: string): boolean => layout.fields.has(name);
  const reads = readsOf(stage);
  const written = stage.outputs.map(({ field }) => field);

  // Bases move down far enough that every constant is positive for rows ≥ 0; `shift` says how far they moved up.
  const stored = [
    ...reads.filter(({ name }) => isStored(name)).map(({ name, di, dj }) => unshifted(name, di, dj)),
    ...written.filter(isStored).map((field) => unshifted(field, 0, 0)),
  ];
  for (const shape of ['cell', 'column', 'row'] as const) {
    const offsets = stored.filter((place) => place.shape === shape).map(({ bytes }) => bytes);
    if (offsets.length > 0) lowest[shape] = Math.min(...offsets);
  }

  const baseOf = (key: string, base: Base): number => {
    const found = index.get(key) ?? bases.push(base) - 1;
    index.set(key, found);
    return found;
  };
  const storedOperand = (name: string, di: number, dj: number): Operand => {
    const { shape, bytes } = unshifted(name, di, dj);
    return { base: baseOf(shape, { kind: shape, shift: lowest[shape] }), offset: bytes - lowest[shape] };
  };
  const ringOperand = (name: string, di: number, dj: number): Operand => {
    const { ring, index: ringIndex, offset } = plan.ringOf.get(name)!;
    return {
      base: baseOf(`ring ${ringIndex} ${dj}`, { kind: 'ring', ring: ringIndex, dj }),
      offset: offset + (stage.box.x0 - ring.box.x0 + di) * width,
    };
  };
  const read = (name: string, di: number, dj: number): Operand =>
    isStored(name) ? storedOperand(name, di, dj) : ringOperand(name, di, dj);
  const write = (field: string): Operand => read(field, 0, 0);
  // Enter every base now, so that the list is complete.
  for (const { name, di, dj } of reads) read(name, di, dj);
  for (const field of written) write(field);
  return { bases, read, write };
}

/** Row j of the base `cell` starts j of these behind row 0 [bytes]. */
export const rowBytesOf = (layout: TileLayout): number => layout.stride * bytesPerElement(layout.precision);

/** How a row of a transient takes values from a strip. */
export interface OverrideCopy {
  /** Byte offset of the side's pointer in the block of strip pointers. */
  readonly pointer: number;
  /** The transient's ring, and the first replaced element from the start of its slot [bytes]. */
  readonly ring: number;
  readonly target: number;
  /** First source element from the strip's base [bytes]. */
  readonly source: number;
  /** `element`: one for each row 0 ≤ j < rows, from source element j. `line`: `count` elements on the row alone. */
  readonly kind: 'element' | 'line';
  readonly row: number;
  readonly count: number;
}

export function overrideCopies(plan: Plan, stage: SweepStage): OverrideCopy[] {
  const { layout, pipeline } = plan;
  const width = bytesPerElement(layout.precision);
  return stage.overrides.map(({ transient, side, from }): OverrideCopy => {
    const strip = pipeline.stripLayout!;
    const field = strip.fields.get(from)!;
    const place = plan.ringOf.get(transient)!;
    const i = side === 'east' ? layout.cellsX : 0;
    const along = side === 'south' || side === 'north';
    return {
      pointer: SIDES.indexOf(side) * 4,
      ring: place.index,
      target: place.offset + (i - stage.box.x0) * width,
      source: field.offset + elementIndex(strip, field.shape, 0, 0) * width,
      kind: along ? 'line' : 'element',
      row: side === 'north' ? layout.cellsY : 0,
      count: along ? layout.cellsX : layout.cellsY,
    };
  });
}
