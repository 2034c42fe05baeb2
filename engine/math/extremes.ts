/** Largest of the values, −Infinity of none, NaN if any is NaN, +0 above −0: the same in any order. */
export function maximum(values: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]!);
  return largest;
}

/** Smallest of the values, Infinity of none, NaN if any is NaN, −0 below +0: the same in any order. */
export function minimum(values: ArrayLike<number>): number {
  let smallest = Infinity;
  for (let i = 0; i < values.length; i++) smallest = Math.min(smallest, values[i]!);
  return smallest;
}
