import type { Grid } from '../../engine/grid/grid.ts';
import {
  AREA,
  CONVENTIONS,
  fieldAttributes,
  LATITUDE,
  LONGITUDE,
  type OutputField,
  PLANE_X,
  PLANE_Y,
  timeAttributes,
} from './cf-metadata.ts';
import { StoreError } from './errors.ts';
import type { Attributes, FloatArray, ZarrArray } from './zarr-arrays.ts';

/** What the output needs of a grid. */
export type OutputGrid = Pick<
  Grid,
  'kind' | 'panels' | 'cellsX' | 'cellsY' | 'tileX' | 'tileY' | 'fingerprint' | 'geometry' | 'corners'
>;

/** The regular latitude–longitude copy. */
export interface LatLonOutput {
  /** Cell centres [degrees], evenly spaced. */
  readonly latitude: Float64Array;
  readonly longitude: Float64Array;
  /** Regrids one field: a row-major array a panel → latitude × longitude, row-major; NaN where there is no value. */
  readonly sample: (panels: readonly FloatArray[], field: string) => FloatArray | Promise<FloatArray>;
}

export interface RunDescription {
  readonly grid: OutputGrid;
  readonly fields: readonly OutputField[];
  /** UTC. */
  readonly start: Date;
  /** Left out: native panels only. A plane grid has none. */
  readonly latLon?: LatLonOutput;
  /** Global attributes of the conventions: title, source, references, history, institution. */
  readonly attributes?: Attributes;
}

export const TIME_CHUNK = 1024;
const LATITUDES_A_CHUNK = 360;
const LONGITUDES_A_CHUNK = 720;

/** The arrays of a run with `frames` frames, those of one moment. */
export interface RunLayout {
  readonly native: Readonly<Record<string, ZarrArray>>;
  readonly latlon: Readonly<Record<string, ZarrArray>> | undefined;
  readonly attributes: Attributes;
}

function timeArray(path: string, frames: number, start: Date): ZarrArray {
  return {
    path,
    shape: [frames],
    chunkShape: [TIME_CHUNK],
    dataType: 'float64',
    dimensions: ['time'],
    attributes: timeAttributes(start),
  };
}

function fieldArray(
  path: string,
  field: OutputField,
  frames: number,
  dimensions: readonly string[],
  shape: readonly number[],
  chunkShape: readonly number[],
  attributes: Attributes,
): ZarrArray {
  const inTime = field.extent === 'time';
  return {
    path,
    shape: inTime ? [frames, ...shape] : shape,
    chunkShape: inTime ? [1, ...chunkShape] : chunkShape,
    dataType: field.precision,
    dimensions: inTime ? ['time', ...dimensions] : dimensions,
    attributes,
  };
}

function nativeArrays({ grid, fields, start }: RunDescription, frames: number): Record<string, ZarrArray> {
  const { panels, cellsX, cellsY, tileX, tileY } = grid;
  const onSphere = grid.kind === 'cubed-sphere';
  const wholePanels = (
    name: string,
    rows: string,
    columns: string,
    extra: number,
    attributes: Attributes,
  ): ZarrArray => ({
    path: `native/${name}`,
    shape: [panels, cellsY + extra, cellsX + extra],
    chunkShape: [1, cellsY + extra, cellsX + extra],
    dataType: 'float64',
    dimensions: ['panel', rows, columns],
    attributes,
    uncompressed: true,
  });
  const line = (name: string, length: number, attributes: Attributes): ZarrArray => ({
    path: `native/${name}`,
    shape: [length],
    chunkShape: [length],
    dataType: 'float64',
    dimensions: [name],
    attributes,
  });
  const bounds = (name: string, of: string, length: number): ZarrArray => ({
    path: `native/${name}`,
    shape: [length, 2],
    chunkShape: [length, 2],
    dataType: 'float64',
    dimensions: [of, 'bounds'],
    attributes: {},
  });
  const arrays: Record<string, ZarrArray> = { time: timeArray('native/time', frames, start) };
  if (onSphere) {
    arrays.longitude = wholePanels('longitude', 'y', 'x', 0, LONGITUDE);
    arrays.latitude = wholePanels('latitude', 'y', 'x', 0, LATITUDE);
    const corner = { long_name: 'of cell corners: cell (y, x) has corners (y, x), (y, x+1), (y+1, x+1), (y+1, x)' };
    arrays.longitude_corner = wholePanels('longitude_corner', 'y_corner', 'x_corner', 1, {
      ...LONGITUDE,
      long_name: `longitude ${corner.long_name}`,
    });
    arrays.latitude_corner = wholePanels('latitude_corner', 'y_corner', 'x_corner', 1, {
      ...LATITUDE,
      long_name: `latitude ${corner.long_name}`,
    });
  } else {
    arrays.x = line('x', cellsX, { ...PLANE_X, bounds: 'x_bounds' });
    arrays.y = line('y', cellsY, { ...PLANE_Y, bounds: 'y_bounds' });
    arrays.x_bounds = bounds('x_bounds', 'x', cellsX);
    arrays.y_bounds = bounds('y_bounds', 'y', cellsY);
  }
  arrays.cell_area = wholePanels('cell_area', 'y', 'x', 0, AREA);
  for (const field of fields) {
    if (arrays[field.name]) {
      throw new StoreError(
        'FieldMismatch',
        `the output field ${field.name} is listed twice or is a coordinate's name. Rename it.`,
      );
    }
    const attributes = fieldAttributes(field, onSphere ? 'longitude latitude' : undefined, 'area: cell_area');
    arrays[field.name] = fieldArray(
      `native/${field.name}`,
      field,
      frames,
      ['panel', 'y', 'x'],
      [panels, cellsY, cellsX],
      [1, tileY, tileX],
      attributes,
    );
  }
  return arrays;
}

function latLonArrays({ fields, start }: RunDescription, latLon: LatLonOutput, frames: number) {
  const rows = latLon.latitude.length;
  const columns = latLon.longitude.length;
  const axis = (name: string, length: number, attributes: Attributes): ZarrArray => ({
    path: `latlon/${name}`,
    shape: [length],
    chunkShape: [length],
    dataType: 'float64',
    dimensions: [name],
    attributes,
  });
  const arrays: Record<string, ZarrArray> = {
    time: timeArray('latlon/time', frames, start),
    latitude: axis('latitude', rows, { ...LATITUDE, axis: 'Y' }),
    longitude: axis('longitude', columns, { ...LONGITUDE, axis: 'X' }),
  };
  for (const field of fields) {
    arrays[field.name] = fieldArray(
      `latlon/${field.name}`,
      field,
      frames,
      ['latitude', 'longitude'],
      [rows, columns],
      [Math.min(rows, LATITUDES_A_CHUNK), Math.min(columns, LONGITUDES_A_CHUNK)],
      fieldAttributes(field),
    );
  }
  return arrays;
}

/** Every array that a run with `frames` frames has. Throws FieldMismatch. */
export function layOutRun(description: RunDescription, frames: number): RunLayout {
  const { grid, latLon } = description;
  if (latLon && grid.kind === 'plane') {
    throw new StoreError(
      'FieldMismatch',
      'a plane grid has no latitudes and longitudes. Leave the latitude–longitude copy out.',
    );
  }
  return {
    native: nativeArrays(description, frames),
    latlon: latLon ? latLonArrays(description, latLon, frames) : undefined,
    attributes: {
      Conventions: CONVENTIONS,
      ...description.attributes,
      terrella_grid: {
        kind: grid.kind,
        panels: grid.panels,
        cells: [grid.cellsX, grid.cellsY],
        tile: [grid.tileX, grid.tileY],
        fingerprint: grid.fingerprint,
      },
    },
  };
}
