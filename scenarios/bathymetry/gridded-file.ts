/** What the NetCDF logic needs of a file, whatever its format. */
export type NumberArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

export type AttributeValue = string | readonly number[];

export interface GriddedVariable {
  readonly name: string;
  /** Names of its dimensions, slowest first; empty strings where the file names none. */
  readonly dimensions: readonly string[];
  readonly shape: readonly number[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  readonly storage: 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'float32' | 'float64';
  /** Rows along the first dimension that are best read together. */
  readonly chunkRows?: number;
  /** A hyperslab, row-major. 64-bit integers come as Float64Array. */
  read(start: readonly number[], count: readonly number[]): NumberArray;
}

export interface GriddedFile {
  readonly path: string;
  readonly format: 'NetCDF classic' | 'NetCDF-4 (HDF5)';
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** Numeric variables only. */
  readonly variables: readonly GriddedVariable[];
  close(): void;
}

export function textAttribute(variable: { attributes: GriddedVariable['attributes'] }, name: string): string {
  const value = variable.attributes.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

export function numberAttribute(
  variable: { attributes: GriddedVariable['attributes'] },
  name: string,
): number | undefined {
  const value = variable.attributes.get(name);
  return typeof value === 'object' && value.length > 0 ? value[0] : undefined;
}
