import { nearest } from './problems.ts';

/**
 * Quantities as people write them ("15 m", "0.025 s m^-1/3", "PT9H", "10′") to numbers in SI units.
 * Angles stay in degrees, the unit of the field. A power of ten shifts the decimal point of the text, so that
 * "61 cm" and "0.61 m" are the same number to the last bit.
 */

export type Dimension =
  | 'none'
  | 'length'
  | 'time'
  | 'speed'
  | 'acceleration'
  | 'pressure'
  | 'angle'
  | 'frequency'
  | 'friction'
  | 'hyperdiffusion';

/** Exponents of metre, kilogram, second and degree, in thirds, so that m^-1/3 is a whole number. */
type Exponents = readonly [metre: number, kilogram: number, second: number, degree: number];

interface Unit {
  /** value [SI] = value × scale × 10^power. */
  readonly scale: number;
  readonly power: number;
  readonly exponents: Exponents;
}

const unit = (scale: number, power: number, metre: number, kilogram: number, second: number, degree = 0): Unit => ({
  scale,
  power,
  exponents: [3 * metre, 3 * kilogram, 3 * second, 3 * degree],
});

const UNITS: Readonly<Record<string, Unit>> = {
  mm: unit(1, -3, 1, 0, 0),
  cm: unit(1, -2, 1, 0, 0),
  m: unit(1, 0, 1, 0, 0),
  km: unit(1, 3, 1, 0, 0),
  nmi: unit(1852, 0, 1, 0, 0),
  ms: unit(1, -3, 0, 0, 1),
  s: unit(1, 0, 0, 0, 1),
  min: unit(60, 0, 0, 0, 1),
  h: unit(3600, 0, 0, 0, 1),
  d: unit(86400, 0, 0, 0, 1),
  g: unit(1, -3, 0, 1, 0),
  kg: unit(1, 0, 0, 1, 0),
  N: unit(1, 0, 1, 1, -2),
  Pa: unit(1, 0, -1, 1, -2),
  hPa: unit(1, 2, -1, 1, -2),
  kPa: unit(1, 3, -1, 1, -2),
  MPa: unit(1, 6, -1, 1, -2),
  GPa: unit(1, 9, -1, 1, -2),
  kn: { scale: 1852 / 3600, power: 0, exponents: [3, 0, -3, 0] },
  deg: unit(1, 0, 0, 0, 0, 1),
  arcmin: unit(1 / 60, 0, 0, 0, 0, 1),
  arcsec: unit(1 / 3600, 0, 0, 0, 0, 1),
  // Rotation is stated in rad/s, angles in degrees: the radian counts as a plain number.
  rad: unit(1, 0, 0, 0, 0),
};

const SPELLINGS: Readonly<Record<string, string>> = {
  meter: 'm',
  meters: 'm',
  metre: 'm',
  metres: 'm',
  sec: 's',
  second: 's',
  seconds: 's',
  minute: 'min',
  minutes: 'min',
  mins: 'min',
  hr: 'h',
  hrs: 'h',
  hour: 'h',
  hours: 'h',
  day: 'd',
  days: 'd',
  kilometre: 'km',
  kilometres: 'km',
  kilometer: 'km',
  kilometers: 'km',
  degree: 'deg',
  degrees: 'deg',
  '°': 'deg',
  '′': 'arcmin',
  "'": 'arcmin',
  '’': 'arcmin',
  '″': 'arcsec',
  '"': 'arcsec',
  knots: 'kn',
  kt: 'kn',
};

const DIMENSIONS: Readonly<Record<Dimension, { readonly exponents: Exponents; readonly example: string }>> = {
  none: { exponents: [0, 0, 0, 0], example: '1' },
  length: { exponents: [3, 0, 0, 0], example: '15 m' },
  time: { exponents: [0, 0, 3, 0], example: '10 h' },
  speed: { exponents: [3, 0, -3, 0], example: '1 m/s' },
  acceleration: { exponents: [3, 0, -6, 0], example: '9.81 m/s^2' },
  pressure: { exponents: [-3, 3, -6, 0], example: '40 GPa' },
  angle: { exponents: [0, 0, 0, 3], example: '0.25' },
  frequency: { exponents: [0, 0, -3, 0], example: '1e-4 s^-1' },
  friction: { exponents: [-1, 0, 3, 0], example: '0.025 s m^-1/3' },
  hyperdiffusion: { exponents: [12, 0, -3, 0], example: '1e14 m^4/s' },
};

/** What a quantity is called in messages. */
const CALLED: Readonly<Record<Dimension, string>> = {
  none: 'a plain number',
  length: 'a length',
  time: 'a time',
  speed: 'a speed',
  acceleration: 'an acceleration',
  pressure: 'a pressure',
  angle: 'an angle',
  frequency: 'a frequency',
  friction: 'a roughness (Manning’s n)',
  hyperdiffusion: 'a hyperdiffusion',
};

/** The SI unit that a bare number of this dimension would be in. */
const UNIT_OF_DIMENSION: Readonly<Record<Dimension, string>> = {
  none: '',
  length: 'm',
  time: 's',
  speed: 'm/s',
  acceleration: 'm/s^2',
  pressure: 'Pa',
  angle: '°',
  frequency: 's^-1',
  friction: 's m^-1/3',
  hyperdiffusion: 'm^4/s',
};

export type Quantity =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly message: string; readonly cure: string };

const refuse = (message: string, cure: string): Quantity => ({ ok: false, message, cure });

export const exampleOf = (dimension: Dimension): string => DIMENSIONS[dimension].example;
export const unitOf = (dimension: Dimension): string => UNIT_OF_DIMENSION[dimension];

/** A value in the dimension's SI unit as text that `parseQuantity` reads back: 15 → "15 m". */
export function formatQuantity(value: number, dimension: Dimension): string {
  const symbol = UNIT_OF_DIMENSION[dimension];
  return dimension === 'angle' ? `${value}${symbol}` : symbol === '' ? `${value}` : `${value} ${symbol}`;
}

const NUMBER = /^([+\-−]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,4}))?/;
const DURATION =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Reads a number with a unit, of the given dimension, to SI (angles: degrees). */
export function parseQuantity(text: string, dimension: Dimension): Quantity {
  const trimmed = text.trim();
  const { example } = DIMENSIONS[dimension];
  if (trimmed.length > 80) return refuse('the text is too long for a quantity', `write for example ${example}`);
  if (dimension === 'time' && /^P/.test(trimmed)) return parseIsoDuration(trimmed);
  const match = NUMBER.exec(trimmed);
  if (!match) {
    return refuse(
      `"${shorten(text)}" does not start with a number`,
      `write a number and a unit, for example ${example}`,
    );
  }
  const digits = `${match[1] === '−' ? '-' : match[1]}${match[2]}`;
  const exponent = match[3] === undefined ? 0 : Number(match[3]);
  const rest = trimmed.slice(match[0].length).trim();
  if (rest === '') {
    if (dimension === 'none' || dimension === 'angle') return finite(Number(`${digits}e${exponent}`), example);
    return bareNumber(trimmed, dimension);
  }
  // "7 h 30 min" and 12° 30′: further terms of the same dimension.
  const further = /^([^\d]+?)\s+(\d.*)$/.exec(rest) ?? /^([°'′’])\s*(\d.*)$/.exec(rest);
  if (further && (dimension === 'time' || dimension === 'angle') && !/[\^/*·]/.test(further[1]!)) {
    const first = parseQuantity(`${digits}e${exponent} ${further[1]!}`, dimension);
    const second = parseQuantity(further[2]!, dimension);
    if (!first.ok) return first;
    if (!second.ok) return second;
    return finite(first.value < 0 ? first.value - second.value : first.value + second.value, example);
  }
  const parsed = parseUnit(rest);
  if (typeof parsed === 'string') {
    const fitting = Object.keys(UNITS).filter((name) =>
      sameExponents(UNITS[name]!.exponents, DIMENSIONS[dimension].exponents),
    );
    const near = nearestUnit(rest, fitting);
    const known =
      fitting.length === 0
        ? `write for example ${example}`
        : `write one of ${fitting.join(', ')}, for example ${example}`;
    return refuse(parsed, near === undefined ? known : `did you mean ${near}? If not, ${known}`);
  }
  const wanted = DIMENSIONS[dimension].exponents;
  if (!sameExponents(parsed.exponents, wanted)) {
    const found = (Object.keys(DIMENSIONS) as Dimension[]).find((name) =>
      sameExponents(DIMENSIONS[name].exponents, parsed.exponents),
    );
    const is = found === undefined ? 'has other dimensions' : `is ${CALLED[found]}`;
    return refuse(`${CALLED[dimension]} is needed and "${shorten(text)}" ${is}`, `write for example ${example}`);
  }
  return finite(Number(`${digits}e${exponent + parsed.power}`) * parsed.scale, example);
}

/** The error for a number without the unit it needs. */
export function bareNumber(text: string, dimension: Dimension): Quantity {
  const cure = `write ${text.trim()} ${UNIT_OF_DIMENSION[dimension]}`;
  return refuse(`${text.trim()} is a bare number where ${CALLED[dimension]} is needed`, cure);
}

const sameExponents = (a: Exponents, b: Exponents): boolean => a.every((value, index) => value === b[index]);
const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

function finite(value: number, example: string): Quantity {
  if (Number.isFinite(value)) return { ok: true, value: value === 0 ? 0 : value };
  return refuse('the number is too large', `write a finite number, for example ${example}`);
}

/** ISO 8601 duration of weeks, days, hours, minutes and seconds. */
function parseIsoDuration(text: string): Quantity {
  if (/^P[^T]*[YM]/.test(text)) {
    return refuse(`"${shorten(text)}" counts months or years, whose length varies`, 'write days, for example P30D');
  }
  const match = DURATION.exec(text);
  const parts = match?.slice(1);
  if (!parts || parts.every((part) => part === undefined) || text.endsWith('T')) {
    return refuse(`"${shorten(text)}" is no ISO 8601 duration`, 'write for example PT9H, PT1H30M, P2DT6H, or 9 h');
  }
  const seconds = [604800, 86400, 3600, 60, 1];
  return finite(
    parts.reduce((sum, part, index) => sum + Number(part ?? 0) * seconds[index]!, 0),
    'PT9H',
  );
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const plainExponents = (text: string): string =>
  text.replace(
    /[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/g,
    (run) => `^${[...run].map((letter) => (letter === '⁻' ? '-' : SUPERSCRIPTS.indexOf(letter))).join('')}`,
  );

/** The fitting unit whose symbol or name is nearest to a word. */
function nearestUnit(word: string, fitting: readonly string[]): string | undefined {
  const spelt = Object.keys(SPELLINGS).filter((name) => name.length > 2 && fitting.includes(SPELLINGS[name]!));
  const near = nearest(word, [...fitting, ...spelt]);
  return near !== undefined && Object.hasOwn(SPELLINGS, near) ? SPELLINGS[near] : near;
}

function unitNamed(symbol: string): Unit | undefined {
  const name = [symbol, symbol.toLowerCase()].find((spelling) => Object.hasOwn(SPELLINGS, spelling));
  const key = name === undefined ? symbol : SPELLINGS[name]!;
  return Object.hasOwn(UNITS, key) ? UNITS[key] : undefined;
}

/** Product of unit symbols with exponents: "s m^-1/3", "m/s^2", "m s-1", "kg·m⁻³". A text is the reason for refusal. */
function parseUnit(text: string): Unit | string {
  const source = plainExponents(text);
  const term = /\s*([*·/]?)\s*([A-Za-z]+|[°′″'"’])(?:\^?\(?([+-]?\d)(?:\/([1-9]))?\)?)?/y;
  let scale = 1;
  let power = 0;
  const exponents: [number, number, number, number] = [0, 0, 0, 0];
  while (term.lastIndex < source.length) {
    const start = term.lastIndex;
    const match = term.exec(source);
    if (!match) return `"${shorten(source.slice(start).trim())}" is no unit`;
    const [, separator, symbol, over, under] = match;
    const found = unitNamed(symbol!);
    if (!found) {
      return `the unit "${shorten(symbol!)}" is not known`;
    }
    const sign = separator === '/' ? -1 : 1;
    const thirds = (sign * 3 * Number(over ?? 1)) / Number(under ?? 1);
    if (!Number.isInteger(thirds)) return `the exponent ${over}/${under} is not a whole number or a number of thirds`;
    if (thirds % 3 !== 0 && (found.scale !== 1 || found.power !== 0)) return `write "${symbol}" in SI units here`;
    for (let k = 0; k < Math.abs(thirds) - 2; k += 3) {
      scale = thirds > 0 ? scale * found.scale : scale / found.scale;
      power += thirds > 0 ? found.power : -found.power;
    }
    for (let k = 0; k < 4; k++) exponents[k]! += (found.exponents[k]! * thirds) / 3;
  }
  return { scale, power, exponents };
}

/** A UTC time "2011-03-11T05:46:18Z" to milliseconds since 1970. Only UTC: what is stated is what is meant. */
export function parseUtc(text: string): Quantity {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d)?)?$/.exec(
    text.trim(),
  );
  const example = 'write UTC as 2011-03-11T05:46:18Z';
  if (!match) return refuse(`"${shorten(text)}" is no ISO 8601 time`, example);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const value = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!, Math.round(Number(match[7] ?? 0) * 1000));
  const back = new Date(value).toISOString();
  const stated = `${match[1]}-${match[2]}-${match[3]}T${match[4] ?? '00'}:${match[5] ?? '00'}:${match[6] ?? '00'}`;
  if (year! < 1000 || !back.startsWith(stated)) return refuse(`"${shorten(text)}" is no time of the calendar`, example);
  if (match[4] === undefined)
    return refuse(`"${text}" has no time of day`, `write ${match[1]}-${match[2]}-${match[3]}T00:00:00Z`);
  const zone = match[8];
  if (zone === undefined) return refuse(`"${text}" does not say that it is UTC`, `if it is, write ${stated}Z`);
  if (zone !== 'Z') {
    const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
    const utc = new Date(value - (zone.startsWith('-') ? -minutes : minutes) * 60000)
      .toISOString()
      .replace('.000Z', 'Z');
    return refuse(`"${text}" is not in UTC`, `write ${utc}`);
  }
  return { ok: true, value };
}
