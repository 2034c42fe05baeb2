/**
 * A kernel is an ordinary function over one cell and its neighbours. It runs as it stands (that is the oracle),
 * and `engine/compiler` turns it into every other form.
 */

/** Value of a field at the cell (i + di, j + dj). Offsets are constants; di counts along a row, dj across rows. */
export type Accessor = (di: number, dj: number) => number;

/** A function that a kernel may call: it is inlined. It takes and returns numbers, booleans, objects, arrays and closures. */
// biome-ignore lint/suspicious/noExplicitAny: helpers of every signature are listed side by side
export type Helper = (...args: any[]) => unknown;

export interface Kernel<Reads extends string = string, Writes extends string = string, Params extends string = string> {
  readonly name: string;
  readonly reads: readonly Reads[];
  readonly writes: readonly Writes[];
  readonly params: readonly Params[];
  /** Helpers and constants by the name the body uses. A thunk: its text gives the local spelling, its value the thing, so bundlers may rename. */
  readonly uses?: () => Readonly<Record<string, Helper | number>>;
  readonly body: (
    fields: Readonly<Record<Reads, Accessor>>,
    params: Readonly<Record<Params, number>>,
  ) => Readonly<Record<Writes, number>>;
}

/** Declares a kernel; the type parameters follow from the lists. */
export function kernel<const Reads extends string, const Writes extends string, const Params extends string = never>(
  definition: Kernel<Reads, Writes, Params>,
): Kernel<Reads, Writes, Params> {
  return definition;
}

/**
 * Marks a condition as rarely true. The value is the condition itself; a compiled kernel skips the taken side of
 * `unlikely(c) ? rare : usual` (or `if (unlikely(c)) …`) when no lane of the vector needs it. The bits are the same.
 */
export function unlikely(condition: boolean): boolean {
  return condition;
}
