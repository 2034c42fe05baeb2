/** What a user may say about a file that the file itself does not. */
export interface ReadOptions {
  /** Name of the variable to read; found by standard name, name or units when absent. */
  readonly variable?: string;
  /** `down`: the numbers are depths. */
  readonly positive?: 'up' | 'down';
  /** A stored number that marks a missing value, besides those the file declares. */
  readonly missing?: number;
  /** Index along every dimension that is neither latitude nor longitude. */
  readonly index?: Readonly<Record<string, number>>;
  /** `plane`: coordinates are metres. Taken from the coordinates' units when absent. */
  readonly coordinates?: 'geographic' | 'plane';
  readonly registration?: 'node' | 'cell';
  /** `displacement`: a field in metres that is no elevation, so Earth's range is not asked of it. Default: `elevation`. */
  readonly quantity?: 'elevation' | 'displacement';
  /** Read only points in this box [degrees, or metres], east of west across the date line if need be. */
  readonly region?: { readonly west: number; readonly east: number; readonly south: number; readonly north: number };
}
