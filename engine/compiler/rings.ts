import { bytesPerElement, type TileLayout, VECTOR_OVERRUN } from './pipeline.ts';
import { type Box, MAXIMUM_BYTES, readsOf, type SweepStage } from './plan.ts';

/** The transients of one stage: a few rows, used in turn. Row j lies in slot (j − box.y0) mod rows. */
export interface Ring {
  /** From the start of the scratch block [bytes]. */
  readonly offset: number;
  readonly rows: number;
  readonly slotBytes: number;
  readonly box: Box;
}

export interface RingPlace {
  readonly ring: Ring;
  /** Index of the ring among the plan's rings. */
  readonly index: number;
  /** From the start of a slot to the transient's element at box.x0 [bytes]. */
  readonly offset: number;
}

export interface Rings {
  readonly rings: readonly Ring[];
  readonly ringOf: ReadonlyMap<string, RingPlace>;
  readonly scratchBytes: number;
}

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Lays transients out in as few rows as their readers need. */
export function placeRings(
  sweep: readonly SweepStage[],
  layout: TileLayout,
  transients: ReadonlyMap<string, Box>,
): Rings {
  const width = bytesPerElement(layout.precision);
  const rings: Ring[] = [];
  const ringOf = new Map<string, RingPlace>();
  let offset = MAXIMUM_BYTES;
  for (const stage of sweep) {
    const fields = stage.outputs.map(({ field }) => field).filter((field) => transients.has(field));
    if (fields.length === 0) continue;
    let rows = 1;
    for (const reader of sweep)
      for (const { name, dj } of readsOf(reader))
        if (fields.includes(name)) rows = Math.max(rows, reader.delay - stage.delay - dj + 1);
    const { box } = stage;
    const rowBytes = aligned((box.x1 - box.x0 + 2 * VECTOR_OVERRUN) * width);
    const ring: Ring = { offset, rows, slotBytes: rowBytes * fields.length, box };
    for (const [k, field] of fields.entries()) ringOf.set(field, { ring, index: rings.length, offset: k * rowBytes });
    rings.push(ring);
    offset += ring.slotBytes * rows;
  }
  return { rings, ringOf, scratchBytes: offset };
}
