import type { Octets } from './octets.ts';

/** Which points have a value: all, or those whose bit is set. */
export type BitMap = { readonly kind: 'none' } | { readonly kind: 'bits'; readonly section: Octets };

/** Section 6. `previous` is the bit map of the field before in the same message. */
export function readBitMap(section: Octets, previous: BitMap): BitMap {
  const indicator = section.u8(6);
  if (indicator === 255) return { kind: 'none' };
  if (indicator === 0) return { kind: 'bits', section };
  if (indicator === 254 && previous.kind === 'bits') return previous;
  if (indicator === 254) section.fail('CorruptFile', 6, 'the bit map is that of the field before, and there is none.');
  return section.fail('NotSupported', 6, `the bit map is number ${indicator} of the centre that made the file.`);
}

/** Sections 5 and 7: the field's values in the order of the message, NaN where there is none. */
export function unpack(packing: Octets, data: Octets, bitMap: BitMap, points: number): Float64Array {
  const count = packing.u32(6);
  if (bitMap.kind === 'none' && count !== points)
    packing.fail('CorruptFile', 6, `there are ${count} values for the ${points} points of the grid.`);
  if (count > points) packing.fail('CorruptFile', 6, `there are ${count} values for ${points} points.`);
  const template = packing.u16(10);
  if (template !== 0 && template !== 2 && template !== 3)
    packing.fail('NotSupported', 10, `the values are packed by template 5.${template}, and 5.0, 5.2 and 5.3 are read.`);
  const values = template === 0 ? simple(packing, data, count) : complex(packing, data, count, template);
  scale(packing, values);
  return bitMap.kind === 'none' ? values : spread(bitMap.section, values, points);
}

/** Y = (R + 2ᴱ X) / 10ᴰ, every operation rounded once. */
function scale(packing: Octets, values: Float64Array): void {
  const reference = packing.f32(12);
  const [binary, decimal] = [packing.signed(16, 2), packing.signed(18, 2)];
  if (!Number.isFinite(reference)) packing.fail('CorruptFile', 12, `the reference value is ${reference}.`);
  if (Math.abs(binary) > 900) packing.fail('CorruptFile', 16, `the binary scale factor is ${binary}.`);
  if (Math.abs(decimal) > 22) packing.fail('CorruptFile', 18, `the decimal scale factor is ${decimal}.`);
  let two = 1;
  for (let k = 0; k < Math.abs(binary); k++) two *= binary < 0 ? 0.5 : 2;
  let ten = 1;
  for (let k = 0; k < Math.abs(decimal); k++) ten *= 10;
  for (let k = 0; k < values.length; k++) {
    const value = reference + two * values[k]!;
    values[k] = decimal < 0 ? value * ten : value / ten;
  }
}

function bitsAt(section: Octets, octet: number): number {
  const bits = section.u8(octet);
  if (bits > 32) section.fail('NotSupported', octet, `numbers of ${bits} bits; at most 32 are read.`);
  return bits;
}

/** Template 5.0. */
function simple(packing: Octets, data: Octets, count: number): Float64Array {
  const bits = bitsAt(packing, 20);
  const values = data.roomFor(40, count, bits);
  data.unpack(40, count, bits, values);
  return values;
}

/** Templates 5.2 and 5.3: groups of values, each with a reference, a width in bits and a length. */
function complex(packing: Octets, data: Octets, count: number, template: number): Float64Array {
  const management = packing.u8(23);
  if (management > 2)
    packing.fail('CorruptFile', 23, `missing values are managed in way ${management}; 0, 1 and 2 are known.`);
  const groups = packing.u32(32);
  if (groups > count || groups > 8 * data.length)
    packing.fail('CorruptFile', 32, `there are ${groups} groups of ${count} values in ${data.length} octets.`);
  const bits = bitsAt(packing, 20);
  const order = template === 3 ? packing.u8(48) : 0;
  if (template === 3 && order !== 1 && order !== 2)
    packing.fail('CorruptFile', 48, `spatial differences are of order ${order}; 1 and 2 are known.`);
  const size = template === 3 ? packing.u8(49) : 0;
  if (size > 4) packing.fail('NotSupported', 49, `descriptors of ${size} octets; at most 4 are read.`);
  const firsts = Array.from({ length: order }, (_, k) => data.signed(6 + k * size, size));
  const least = order > 0 ? data.signed(6 + order * size, size) : 0;

  /** Numbers of each group; each list begins at an octet of its own. */
  let bit = 8 * (5 + (order > 0 ? (order + 1) * size : 0));
  const list = (width: number): Float64Array => {
    const numbers = data.roomFor(bit, groups, width);
    bit = 8 * Math.ceil(data.unpack(bit, groups, width, numbers) / 8);
    return numbers;
  };
  const references = list(bits);
  const widths = list(bitsAt(packing, 37));
  const lengths = list(bitsAt(packing, 47));
  const widthFrom = packing.u8(36);
  const [lengthFrom, lengthStep, lastLength] = [packing.u32(38), packing.u8(42), packing.u32(43)];
  let total = 0;
  for (let group = 0; group < groups; group++) {
    widths[group]! += widthFrom;
    lengths[group] = group === groups - 1 ? lastLength : lengthFrom + lengthStep * lengths[group]!;
    total += lengths[group]!;
    if (widths[group]! > 32) packing.fail('CorruptFile', 36, `group ${group} has numbers of ${widths[group]} bits.`);
  }
  if (total !== count)
    packing.fail('CorruptFile', 32, `the ${groups} groups have ${total} values, and ${count} are due.`);

  const values = new Float64Array(count);
  let at = 0;
  for (let group = 0; group < groups; group++) {
    const [width, length, reference] = [widths[group]!, lengths[group]!, references[group]!];
    bit = data.unpack(bit, length, width, values, at);
    // A group of one number says by its reference that all of it is missing.
    const told = width === 0 ? bits : width;
    const largest = told === 32 ? 0xffffffff : (1 << told) - 1;
    for (const end = at + length; at < end; at++) {
      const number = width === 0 ? reference : values[at]!;
      const missing =
        management > 0 && told > 0 && (number === largest || (management === 2 && number === largest - 1));
      values[at] = missing ? Number.NaN : reference + values[at]!;
    }
  }
  if (order > 0) integrate(values, firsts, least);
  return values;
}

/** Undoes differences of first or second order between the values that are there. */
function integrate(values: Float64Array, firsts: readonly number[], least: number): void {
  let seen = 0;
  let [last, beforeLast] = [0, 0];
  for (let k = 0; k < values.length; k++) {
    if (Number.isNaN(values[k]!)) continue;
    const value =
      seen < firsts.length ? firsts[seen]! : values[k]! + least + (firsts.length === 1 ? last : 2 * last - beforeLast);
    values[k] = value;
    [last, beforeLast] = [value, last];
    seen++;
  }
}

/** Values put where the bit map has a 1. */
function spread(section: Octets, values: Float64Array, points: number): Float64Array {
  const bits = section.roomFor(48, points, 1);
  section.unpack(48, points, 1, bits);
  let next = 0;
  for (let k = 0; k < points; k++) {
    const has = bits[k] === 1;
    bits[k] = has && next < values.length ? values[next]! : Number.NaN;
    if (has) next++;
  }
  if (next !== values.length)
    section.fail(
      'CorruptFile',
      6,
      `the bit map has ${next} points with a value, and there are ${values.length} values.`,
    );
  return bits;
}
