import { low, normalise, productError, sumError, upperHalf } from './double-double.ts';
import { exponentOf, LEAST_NORMAL, significandOf } from './float-bits.ts';

// ln 2 in two parts, the first of 42 bits: its product with an exponent is exact.
const LN2 = 0.6931471805598903;
const LN2_LOW = 5.497923018708371e-14;
const SQRT2 = 1.4142135623730951;
const FIRST = 45;

/** −ln(j/64) for j = 45 … 91, high and low parts. */
export const LOGARITHMS = Float64Array.of(
  ...[0.3522205935893521, 5.7233316949182485e-18],
  ...[0.33024168687057687, -1.0828321637483858e-17],
  ...[0.3087354816496133, -1.6199186085148102e-17],
  ...[0.2876820724517809, 2.607160616442564e-17],
  ...[0.26706278524904525, -7.32891532732017e-18],
  ...[0.24686007793152578, 1.361743371748368e-17],
  ...[0.22705745063534608, 9.551415762738488e-18],
  ...[0.2076393647782445, 1.2053243216686129e-17],
  ...[0.18859116980755003, -7.432164219196925e-18],
  ...[0.16989903679539747, -4.868008764439071e-19],
  ...[0.15154989812720093, 5.1669593684615594e-18],
  ...[0.13353139262452263, -3.664457663660085e-18],
  ...[0.1158318155251217, 4.338484369808096e-18],
  ...[0.09844007281325252, -4.439009633675136e-18],
  ...[0.0813456394539524, 5.07707635593117e-18],
  ...[0.06453852113757118, -6.470486661692933e-18],
  ...[0.048009219186360606, 1.4390903347292205e-18],
  ...[0.0317486983145803, 3.0382263084680858e-18],
  ...[0.015748356968139168, 1.0021578630528974e-18],
  ...[0.0, 0.0],
  ...[-0.015504186535965254, 3.278321022892429e-19],
  ...[-0.030771658666753687, -1.0431732029005968e-18],
  ...[-0.0458095360312942, -1.902959866474257e-18],
  ...[-0.06062462181643484, -2.6424025938726934e-18],
  ...[-0.07522342123758753, 5.930604196293241e-18],
  ...[-0.08961215868968714, 5.4268129336647135e-18],
  ...[-0.10379679368164356, -5.47772415726659e-18],
  ...[-0.11778303565638346, 1.1971685747593677e-18],
  ...[-0.13157635778871926, -1.1123000879729588e-17],
  ...[-0.1451820098444979, -8.242418783022475e-18],
  ...[-0.15860503017663857, -1.1257003872182592e-17],
  ...[-0.17185025692665923, 6.0224538210113705e-18],
  ...[-0.184922338494012, -3.0236614153574064e-18],
  ...[-0.19782574332991987, -1.2821194372980142e-17],
  ...[-0.21056476910734964, 4.249405314729895e-18],
  ...[-0.22314355131420976, 9.091270597324799e-18],
  ...[-0.2355660713127669, 2.3943371495187355e-18],
  ...[-0.24783616390458127, 1.2432209578702523e-17],
  ...[-0.25995752443692605, -2.069806938978935e-17],
  ...[-0.27193371548364176, -7.83319637697442e-19],
  ...[-0.2837681731306446, 2.032665581126656e-17],
  ...[-0.2954642128938359, 2.16461086040599e-17],
  ...[-0.3070250352949119, 1.2319916200101964e-17],
  ...[-0.3184537311185346, -2.7114779367326236e-17],
  ...[-0.329753286372468, -2.122020616196946e-18],
  ...[-0.3409265869705932, -1.7467136443544747e-17],
  ...[-0.3519764231571782, 1.2953893030191963e-17],
);

/**
 * ln x to about 2^-66 of itself, for finite x > 0: high part returned, low part in `low`. Tang (1990), "Table-driven
 * implementation of the logarithm function": x = 2^k m, √½ ≤ m < √2; j = 64/m rounded; r = m j/64 − 1, |r| ≤ 0.0111;
 * ln x = k ln 2 − ln(j/64) + ln(1 + r), the last by its series to r^11.
 */
export function logarithm(x: number): number {
  let scaled = x;
  let k = 0;
  if (x < LEAST_NORMAL) {
    scaled = x * 18014398509481984;
    k = -54;
  }
  k += exponentOf(scaled);
  let m = significandOf(scaled);
  if (m > SQRT2) {
    m *= 0.5;
    k += 1;
  }
  const j = Math.floor(64 / m + 0.5);
  const c = j / 64;
  const mUpper = upperHalf(m);
  const coarse = mUpper * c - 1;
  const fine = (m - mUpper) * c;
  const r = coarse + fine;
  const rLow = sumError(coarse, fine, r);
  const rUpper = upperHalf(r);
  const halfSquare = -0.5 * rUpper * rUpper;
  const z = r * r;
  const p =
    1 / 3 +
    r * (-1 / 4 + r * (1 / 5 + r * (-1 / 6 + r * (1 / 7 + r * (-1 / 8 + r * (1 / 9 + r * (-1 / 10 + r * (1 / 11))))))));
  const tail = rLow * (1 - r) - 0.5 * (r - rUpper) * (r + rUpper) + r * z * p;

  // Each term is smaller than the sum before it, or that sum is 0.
  const index = 2 * (j - FIRST);
  const whole = k * LN2;
  const sum1 = whole + LOGARITHMS[index]!;
  const error1 = LOGARITHMS[index]! - (sum1 - whole);
  const sum2 = sum1 + r;
  const error2 = r - (sum2 - sum1);
  const sum3 = sum2 + halfSquare;
  const error3 = halfSquare - (sum3 - sum2);
  return normalise(sum3, error1 + error2 + error3, tail + (LOGARITHMS[index + 1]! + k * LN2_LOW));
}

/** Natural logarithm: −Infinity at 0, NaN below. Error below 0.51 ulp. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  return x === Infinity ? x : logarithm(x);
}

/** Logarithm to base 10, exact at powers of ten: −Infinity at 0, NaN below. Error below 0.51 ulp. */
export function log10(x: number): number {
  return logarithmToBase(x, 0.4342944819032518, 1.098319650216765e-17);
}

/** Logarithm to base 2, exact at powers of two: −Infinity at 0, NaN below. Error below 0.51 ulp. */
export function log2(x: number): number {
  return logarithmToBase(x, 1.4426950408889634, 2.0355273740931033e-17);
}

function logarithmToBase(x: number, factor: number, factorLow: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  const high = logarithm(x);
  const product = high * factor;
  return product + (productError(high, factor, product) + (high * factorLow + low[0]! * factor));
}
