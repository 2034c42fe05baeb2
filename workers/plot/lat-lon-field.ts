/**
 * Values on a regular latitude–longitude grid, rows × columns, row by row, first row in the south. Coordinates are
 * cell centres in degrees, evenly spaced and rising (longitudes may pass 180 or start anywhere).
 */
export interface LatLonField {
  readonly values: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
  readonly latitudes: ArrayLike<number>;
  readonly longitudes: ArrayLike<number>;
  /** 1 on land, 0 at sea, for each cell. Without it every NaN is land; with it a NaN at sea is a value not there. */
  readonly land?: ArrayLike<number> | undefined;
}

/** A field with its spacing known. */
export interface RegularField extends LatLonField {
  readonly south: number;
  readonly west: number;
  readonly latitudeStep: number;
  readonly longitudeStep: number;
  /** Columns go round the globe, so the last neighbours the first. */
  readonly periodic: boolean;
}

/** Checks lengths and spacing once. Throws BadLatLonField. */
export function regularField(field: LatLonField): RegularField {
  const { values, rows, columns, latitudes, longitudes, land } = field;
  const cells = rows * columns;
  if (rows < 2 || columns < 2) throw new BadLatLonField(`${rows} × ${columns} cells: give at least 2 × 2`);
  if (values.length !== cells) throw new BadLatLonField(`${values.length} values for ${rows} × ${columns} cells`);
  if (land && land.length !== cells) throw new BadLatLonField(`a land mask of ${land.length} for ${cells} cells`);
  const latitudeStep = spacing(latitudes, rows, 'latitudes');
  const longitudeStep = spacing(longitudes, columns, 'longitudes');
  const around = columns * longitudeStep;
  if (around > 360 + longitudeStep / 2) throw new BadLatLonField(`longitudes span ${around}°: at most 360°`);
  return {
    ...field,
    south: latitudes[0]!,
    west: longitudes[0]!,
    latitudeStep,
    longitudeStep,
    periodic: Math.abs(around - 360) < longitudeStep / 2,
  };
}

function spacing(coordinates: ArrayLike<number>, count: number, name: string): number {
  if (coordinates.length !== count) throw new BadLatLonField(`${coordinates.length} ${name} for ${count}`);
  const first = coordinates[0]!;
  const step = (coordinates[count - 1]! - first) / (count - 1);
  if (!(step > 0))
    throw new BadLatLonField(`${name} fall from ${first} to ${coordinates[count - 1]}: reverse the rows`);
  for (let k = 0; k < count; k++)
    if (!(Math.abs(coordinates[k]! - first - k * step) < 0.05 * step))
      throw new BadLatLonField(`${name}[${k}] = ${coordinates[k]} is not on an even spacing of ${step}°`);
  return step;
}

/** Means over blocks of cells, so that about `columns` remain; NaN (and land) where most of a block is. */
export function coarsen(field: RegularField, columns: number): RegularField {
  const factor = Math.floor(field.columns / columns);
  if (factor < 2) return field;
  let block = factor;
  while (block > 1 && (field.columns % block !== 0 || field.rows % block !== 0)) block--;
  if (block === 1) return field;
  const rows = field.rows / block;
  const across = field.columns / block;
  const values = new Float64Array(rows * across);
  const land = field.land ? new Uint8Array(rows * across) : undefined;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < across; column++) {
      let [sum, valid, ground] = [0, 0, 0];
      for (let j = row * block; j < (row + 1) * block; j++)
        for (let i = column * block; i < (column + 1) * block; i++) {
          const value = field.values[j * field.columns + i]!;
          if (!Number.isNaN(value)) {
            sum += value;
            valid++;
          }
          ground += field.land?.[j * field.columns + i] ? 1 : 0;
        }
      values[row * across + column] = 2 * valid >= block * block ? sum / valid : NaN;
      if (land) land[row * across + column] = 2 * ground > block * block ? 1 : 0;
    }
  return {
    ...field,
    values,
    land,
    rows,
    columns: across,
    south: field.south + ((block - 1) / 2) * field.latitudeStep,
    west: field.west + ((block - 1) / 2) * field.longitudeStep,
    latitudeStep: field.latitudeStep * block,
    longitudeStep: field.longitudeStep * block,
    latitudes: every(field.latitudes, block),
    longitudes: every(field.longitudes, block),
  };
}

function every(coordinates: ArrayLike<number>, block: number): Float64Array {
  return Float64Array.from(
    { length: coordinates.length / block },
    (_, k) => (coordinates[k * block]! + coordinates[(k + 1) * block - 1]!) / 2,
  );
}

export class BadLatLonField extends Error {
  readonly tag = 'BadLatLonField';
  constructor(problem: string) {
    super(`BadLatLonField: ${problem}.`);
    this.name = 'BadLatLonField';
  }
}
