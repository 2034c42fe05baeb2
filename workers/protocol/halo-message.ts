import { crc32 } from './crc32.ts';

/**
 * A halo as it travels: a fixed header, little-endian, then the raw numbers, which start at a multiple of 8 bytes.
 *
 *  0  u32  magic          12  u32  place of the sender among the members
 *  4  u32  epoch          16  u32  bytes of the numbers
 *  8  u32  round          20  u32  CRC-32 of epoch, round, place and numbers
 */
export interface HaloMessage {
  readonly epoch: number;
  readonly round: number;
  readonly from: number;
  readonly bytes: Uint8Array;
}

const MAGIC = 0x31414854;
const HEADER = 24;

export function packHalo({ epoch, round, from, bytes }: HaloMessage): Uint8Array {
  const message = new Uint8Array(HEADER + bytes.length);
  const view = new DataView(message.buffer);
  for (const [k, value] of [MAGIC, epoch, round, from, bytes.length].entries()) view.setUint32(4 * k, value, true);
  message.set(bytes, HEADER);
  view.setUint32(20, checksum(message), true);
  return message;
}

const checksum = (message: Uint8Array): number =>
  (crc32(message.subarray(4, 20)) ^ crc32(message.subarray(HEADER))) >>> 0;

/** The halo in a message that starts at a multiple of 8 bytes. Undefined where it is none, or torn. */
export function readHalo(message: Uint8Array): HaloMessage | undefined {
  if (message.length < HEADER) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const [magic, epoch, round, from, length, sum] = [0, 1, 2, 3, 4, 5].map((k) => view.getUint32(4 * k, true));
  if (magic !== MAGIC || length !== message.length - HEADER || sum !== checksum(message)) return undefined;
  return { epoch: epoch!, round: round!, from: from!, bytes: message.subarray(HEADER) };
}
