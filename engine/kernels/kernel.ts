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
  readonly uses?: Uses;
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

/** Names that a kernel or a helper refers to outside itself: helpers and number constants, by local spelling. */
export type Uses = () => Readonly<Record<string, Helper | number>>;

const usesOfHelper = new WeakMap<Helper, Uses>();

/**
 * A function that kernels may call, with the names that it refers to in turn. Each helper lists its own, next to
 * itself, so a kernel lists only what its own body says. A helper that refers to nothing outside needs no wrapping.
 */
export function helper<F extends Helper>(body: F, uses: Uses): F {
  usesOfHelper.set(body, uses);
  return body;
}

/** What a helper refers to outside itself; undefined when it was not declared with `helper`. */
export function usesOf(body: Helper): Uses | undefined {
  return usesOfHelper.get(body);
}
