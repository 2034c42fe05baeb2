import { StoreError } from './errors.ts';
import type { Attributes } from './zarr-arrays.ts';

/** Attributes by the Climate and Forecast conventions 1.11 (https://cfconventions.org), shared by Zarr and NetCDF. */
export const CONVENTIONS = 'CF-1.11';

/** NaN, as xarray writes and expects `_FillValue` of floats in Zarr v3: base64 of the little-endian float64. */
export const FILL_VALUE_NAN = 'AAAAAAAA+H8=';

/** One field of the output. */
export interface OutputField {
  readonly name: string;
  readonly longName: string;
  /** CF standard name, where the convention has one. */
  readonly standardName?: string;
  /** UDUNITS, such as `m s-1`. */
  readonly units: string;
  readonly precision: 'float32' | 'float64';
  /** `time`: a value each frame. `static`: one for the run, such as depth or a maximum. */
  readonly extent: 'time' | 'static';
  /** CF cell methods, such as `time: maximum`. */
  readonly cellMethods?: string;
}

export function fieldAttributes(field: OutputField, coordinates?: string, cellMeasures?: string): Attributes {
  return {
    ...(field.standardName === undefined ? {} : { standard_name: field.standardName }),
    long_name: field.longName,
    units: field.units,
    ...(field.cellMethods === undefined ? {} : { cell_methods: field.cellMethods }),
    ...(coordinates === undefined ? {} : { coordinates }),
    ...(cellMeasures === undefined ? {} : { cell_measures: cellMeasures }),
    _FillValue: FILL_VALUE_NAN,
  };
}

/** `seconds since 2011-03-11 05:46:18` for a time in UTC. */
export function timeUnits(start: Date): string {
  if (Number.isNaN(start.getTime())) {
    throw new StoreError('FieldMismatch', 'the start of the run is no valid time. Give it as 2011-03-11T05:46:18Z.');
  }
  const text = start.toISOString().replace('T', ' ').replace('Z', '');
  return `seconds since ${text.endsWith('.000') ? text.slice(0, -4) : text}`;
}

/** The time that {@link timeUnits} names. */
export const startOfUnits = (units: string): Date =>
  new Date(`${units.replace('seconds since ', '').replace(' ', 'T')}Z`);

export const timeAttributes = (start: Date): Attributes => ({
  standard_name: 'time',
  long_name: 'time',
  units: timeUnits(start),
  calendar: 'standard',
  axis: 'T',
});

export const LONGITUDE: Attributes = { standard_name: 'longitude', long_name: 'longitude', units: 'degrees_east' };
export const LATITUDE: Attributes = { standard_name: 'latitude', long_name: 'latitude', units: 'degrees_north' };
export const AREA: Attributes = { standard_name: 'cell_area', long_name: 'cell area', units: 'm2' };
export const PLANE_X: Attributes = {
  standard_name: 'projection_x_coordinate',
  long_name: 'x',
  units: 'm',
  axis: 'X',
};
export const PLANE_Y: Attributes = {
  standard_name: 'projection_y_coordinate',
  long_name: 'y',
  units: 'm',
  axis: 'Y',
};
