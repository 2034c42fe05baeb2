import { WeatherError, type WeatherProblem } from './errors.ts';

const CURES: Readonly<Record<'TruncatedFile' | 'CorruptFile' | 'NotSupported', string>> = {
  TruncatedFile: 'Fetch the file again.',
  CorruptFile: 'Fetch the file again, or check it with wgrib2 -V.',
  NotSupported: 'Convert it with wgrib2 -set_grib_type c3 -new_grid_winds earth -new_grid latlon …',
};

/** A piece of a GRIB file, read big-endian by octets counted from 1, as the WMO's tables count them. */
export class Octets {
  private readonly view: DataView;
  readonly bytes: Uint8Array;
  /** Of the first octet in the file. */
  readonly start: number;
  /** What the piece is called in errors. */
  readonly what: string;

  constructor(file: Uint8Array, start: number, length: number, what: string) {
    this.bytes = file.subarray(start, start + length);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    this.start = start;
    this.what = what;
  }

  get length(): number {
    return this.bytes.length;
  }

  fail(tag: WeatherProblem & keyof typeof CURES, octet: number, problem: string): never {
    throw new WeatherError({ tag, offset: this.start + octet - 1, problem, cure: CURES[tag] });
  }

  private reach(octet: number, size: number): number {
    if (octet - 1 + size > this.length)
      this.fail('CorruptFile', octet, `${this.what} has ${this.length} octets, and ends before octet ${octet + size}.`);
    return octet - 1;
  }

  u8 = (octet: number): number => this.view.getUint8(this.reach(octet, 1));
  u16 = (octet: number): number => this.view.getUint16(this.reach(octet, 2));
  u32 = (octet: number): number => this.view.getUint32(this.reach(octet, 4));
  f32 = (octet: number): number => this.view.getFloat32(this.reach(octet, 4));

  /** A whole number of `size` octets whose first bit is its sign. */
  signed(octet: number, size: number): number {
    const at = this.reach(octet, size);
    let value = size === 0 ? 0 : this.view.getUint8(at) & 0x7f;
    for (let k = 1; k < size; k++) value = value * 256 + this.view.getUint8(at + k);
    return size > 0 && this.view.getUint8(at) > 0x7f ? 0 - value : value;
  }

  text(octet: number, size: number): string {
    const at = this.reach(octet, size);
    return String.fromCharCode(...this.bytes.subarray(at, at + size));
  }

  /** Room for whole numbers of `bits` (0 … 32) each from a bit counted from 0, once it is sure that they are there. */
  roomFor(bit: number, count: number, bits: number): Float64Array {
    this.reachBits(bit, count, bits);
    return new Float64Array(count);
  }

  private reachBits(bit: number, count: number, bits: number): number {
    const end = bit + count * bits;
    if (end > 8 * this.length)
      this.fail(
        'CorruptFile',
        Math.floor(bit / 8) + 1,
        `${count} numbers of ${bits} bits reach beyond the end of ${this.what}, which has ${this.length} octets.`,
      );
    return end;
  }

  /** Writes whole numbers of `bits` (0 … 32) each, one after the other, to out[from …]; returns the bit after the last. */
  unpack(bit: number, count: number, bits: number, out: Float64Array, from = 0): number {
    const end = this.reachBits(bit, count, bits);
    const { bytes } = this;
    let at = bit;
    for (let k = 0; k < count; k++) {
      let value = 0;
      let left = bits;
      while (left > 0) {
        const inByte = at % 8;
        const taken = Math.min(left, 8 - inByte);
        const piece = (bytes[Math.floor(at / 8)]! >> (8 - inByte - taken)) & ((1 << taken) - 1);
        value = value * (1 << taken) + piece;
        at += taken;
        left -= taken;
      }
      out[from + k] = value;
    }
    return end;
  }
}
