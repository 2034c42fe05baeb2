/** Where the text of a tick goes along its axis, 0 … 1: over its place, but not beyond the ends. */
export function tickPlace(fraction: number): { readonly left: string; readonly transform: string } {
  const back = fraction < 0.03 ? 0 : fraction > 0.97 ? 100 : 50;
  return { left: `${(100 * fraction).toFixed(2)}%`, transform: `translateX(-${back}%)` };
}
