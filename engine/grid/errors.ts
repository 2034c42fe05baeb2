export type GridErrorTag = 'TooFewCells' | 'TileDoesNotDivide' | 'InvalidOption' | 'OutOfRange' | 'ShapeMismatch';

/** What was wrong, the value, and the cure. */
export class GridError extends Error {
  readonly tag: GridErrorTag;
  constructor(tag: GridErrorTag, message: string) {
    super(`${tag}: ${message}`);
    this.name = 'GridError';
    this.tag = tag;
  }
}

/** Throws InvalidOption unless the value is a whole number of at least `least`. */
export function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new GridError('InvalidOption', `${name} = ${value} is no whole number ≥ ${least}. Use one.`);
}

/** Throws InvalidOption unless the value is finite and positive. */
export function requirePositive(name: string, value: number, unit: string): void {
  if (!(Number.isFinite(value) && value > 0))
    throw new GridError('InvalidOption', `${name} = ${value} ${unit} is not positive and finite. Give it in ${unit}.`);
}
