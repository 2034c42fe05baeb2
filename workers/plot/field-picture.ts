import { type ColourScale, colourIndex } from './colour-scale.ts';
import type { RegularField } from './lat-lon-field.ts';
import type { Picture } from './png.ts';
import type { MapProjection } from './projections.ts';

/** How a field is painted. `landColour` red, green, blue. */
export interface FieldPaint {
  readonly scale: ColourScale;
  readonly landColour: readonly [number, number, number];
  /** Colours between cell centres are interpolated; otherwise each cell is one flat patch. */
  readonly smooth: boolean;
  /** Picture pixels for each px of the page. */
  readonly pixelRatio: number;
}

/** What a sample of the field can be besides a value ≥ −∞. */
const outside = -1;
const nothing = -2;
const ground = -3;

/**
 * The field as the projection shows it, pixel by pixel from the page back to the globe, so that no seam, dateline or
 * pole can be missed. 2 × 2 samples a pixel; clear where the field has no value or does not reach.
 */
export function paintField(field: RegularField, projection: MapProjection, paint: FieldPaint): Picture {
  const { box } = projection;
  const ratio = paint.pixelRatio;
  const width = box.width * ratio;
  const height = box.height * ratio;
  const pixels = new Uint8Array(width * height * 4);
  const sums = new Float64Array(width * 4);
  const { table } = paint.scale;
  const halfWindow = (projection.window.east - projection.window.west) / 2;
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let half = 0; half < 2; half++) {
      const parallel = projection.parallel(box.y + (y + 0.25 + half / 2) / ratio);
      const row = (parallel.latitude - field.south) / field.latitudeStep;
      for (let sample = 0; sample < 2 * width; sample++) {
        const east = (box.x + (sample + 0.5) / (2 * ratio) - parallel.middle) / parallel.pixelsPerDegree;
        if (east < -halfWindow || east > halfWindow) continue;
        const index = sampleField(field, row, projection.centralLongitude + east, paint);
        if (index === outside || index === nothing) continue;
        const at = 4 * (sample >> 1);
        const colour = index === ground ? paint.landColour : undefined;
        sums[at]! += colour ? colour[0] : table[3 * index]!;
        sums[at + 1]! += colour ? colour[1] : table[3 * index + 1]!;
        sums[at + 2]! += colour ? colour[2] : table[3 * index + 2]!;
        sums[at + 3]! += 1;
      }
    }
    for (let x = 0; x < width; x++) {
      const count = sums[4 * x + 3]!;
      if (count === 0) continue;
      const at = 4 * (y * width + x);
      for (let c = 0; c < 3; c++) pixels[at + c] = Math.round(sums[4 * x + c]! / count);
      pixels[at + 3] = Math.round((255 * count) / 4);
    }
  }
  return { width, height, pixels };
}

/** Colour index (0 … 255) of the field at a fractional row and a longitude, or outside, nothing or ground. */
function sampleField(field: RegularField, row: number, longitude: number, paint: FieldPaint): number {
  const { rows, columns } = field;
  if (row < -0.5 || row > rows - 0.5) return outside;
  let column = (longitude - field.west) / field.longitudeStep;
  const around = 360 / field.longitudeStep;
  column -= around * Math.floor((column + 0.5) / around);
  if (!field.periodic && column > columns - 0.5) return outside;
  if (!paint.smooth) return cellIndex(field, Math.round(row), Math.round(column) % columns, paint.scale);

  const j0 = Math.max(0, Math.min(rows - 2, Math.floor(row)));
  const i0 = Math.floor(column);
  const v = Math.max(0, Math.min(1, row - j0));
  const u = column - i0;
  const west = wrapColumn(i0, field);
  const east = wrapColumn(i0 + 1, field);
  let [sum, weight, land] = [0, 0, 0];
  for (let corner = 0; corner < 4; corner++) {
    const share = (corner & 1 ? u : 1 - u) * (corner & 2 ? v : 1 - v);
    const at = (j0 + (corner >> 1)) * columns + (corner & 1 ? east : west);
    const value = field.values[at]!;
    if (!Number.isNaN(value)) {
      sum += share * value;
      weight += share;
    } else if (!field.land || field.land[at]) land += share;
  }
  // The shore runs where land and water weigh the same: a smooth line, not the steps of the cells.
  if (weight >= 0.5) return colourIndex(paint.scale, sum / weight);
  return land >= 0.5 * (1 - weight) ? ground : nothing;
}

function cellIndex(field: RegularField, row: number, column: number, scale: ColourScale): number {
  const at = Math.min(field.rows - 1, Math.max(0, row)) * field.columns + column;
  const value = field.values[at]!;
  if (!Number.isNaN(value)) return colourIndex(scale, value);
  return !field.land || field.land[at] ? ground : nothing;
}

function wrapColumn(column: number, { columns, periodic }: RegularField): number {
  if (periodic) return ((column % columns) + columns) % columns;
  return Math.max(0, Math.min(columns - 1, column));
}
