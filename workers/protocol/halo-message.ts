import { crc32 } from './crc32.ts';

/**
 * A halo as it travels: a fixed header, little-endian, then the raw numbers, which start at a multiple of 8 bytes.
 *
 *  0  u32  magic          12  u32  place of the sender among the members
 *  4  u32  epoch          16  u32  bytes of the numbers
 *  8  u32  round          20  u32  CRC-32 of epoch, round, place, length and numbers
 */
interface HaloHeader {
  readonly epoch: number;
  readonly round: number;
  readonly from: number;
}

export interface HaloMessage extends HaloHeader {
  readonly bytes: Uint8Array;
}

const MAGIC = 0x31414854;
const HEADER = 24;

/** Room for a message of so many bytes of numbers, to be written to `numbersOf` and then sealed; it may be used again. */
export const emptyHalo = (length: number): Uint8Array => new Uint8Array(HEADER + length);

export const numbersOf = (message: Uint8Array): Uint8Array => message.subarray(HEADER);

/** The message of the first `length` bytes of numbers, which are there: writes its header. */
export function sealHalo(room: Uint8Array, length: number, { epoch, round, from }: HaloHeader): Uint8Array {
  const message = room.subarray(0, HEADER + length);
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const words = [MAGIC, epoch, round, from, message.length - HEADER];
  for (let k = 0; k < words.length; k++) view.setUint32(4 * k, words[k]!, true);
  view.setUint32(20, checksum(message), true);
  return message;
}

const checksum = (message: Uint8Array): number => crc32(message.subarray(HEADER), crc32(message.subarray(4, 20)));

/** The halo in a message that starts at a multiple of 8 bytes. Undefined where it is none, or torn. */
export function readHalo(message: Uint8Array): HaloMessage | undefined {
  if (message.length < HEADER) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const [magic, epoch, round, from, length, sum] = [0, 1, 2, 3, 4, 5].map((k) => view.getUint32(4 * k, true));
  if (magic !== MAGIC || length !== message.length - HEADER || sum !== checksum(message)) return undefined;
  return { epoch: epoch!, round: round!, from: from!, bytes: numbersOf(message) };
}
