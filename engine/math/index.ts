/**
 * Elementary functions and reductions with the same bits on every machine: nothing below uses more than + − × ÷ √,
 * comparisons, whole-number arithmetic and the bits of a float64.
 */
export { ExactSum, exactDot, exactSum } from './exact-sum.ts';
export { cosh, exp, sinh } from './exponential.ts';
export { maximum, minimum } from './extremes.ts';
export { GAUSS_NODES, GAUSS_WEIGHTS } from './gauss-legendre.ts';
export { acos, asin, atan, atan2 } from './inverse-trigonometry.ts';
export { log, log2, log10 } from './logarithm.ts';
export { pow } from './power.ts';
export { cbrt, hypot3 } from './roots.ts';
export { cos, sin, tan } from './trigonometry.ts';
