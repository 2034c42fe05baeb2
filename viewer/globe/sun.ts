import type { Vector } from './projection.ts';

const RADIANS = Math.PI / 180;

/** Direction of the sun at a time, to a hundredth of a degree (Astronomical Almanac, low-precision formulas). */
export function sunAt(time: Date): Vector {
  const days = time.getTime() / 86_400_000 - 10_957.5;
  const meanLongitude = 280.46 + 0.9856474 * days;
  const anomaly = (357.528 + 0.9856003 * days) * RADIANS;
  const ecliptic = (meanLongitude + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * RADIANS;
  const obliquity = (23.439 - 0.0000004 * days) * RADIANS;
  const ascension = Math.atan2(Math.cos(obliquity) * Math.sin(ecliptic), Math.cos(ecliptic));
  const declination = Math.asin(Math.sin(obliquity) * Math.sin(ecliptic));
  // Greenwich mean sidereal time.
  const sidereal = (18.697374558 + 24.06570982441908 * days) * 15 * RADIANS;
  const longitude = ascension - sidereal;
  return [
    Math.cos(declination) * Math.cos(longitude),
    Math.cos(declination) * Math.sin(longitude),
    Math.sin(declination),
  ];
}
