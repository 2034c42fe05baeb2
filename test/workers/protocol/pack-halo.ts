import { emptyHalo, type HaloMessage, numbersOf, sealHalo } from '../../../workers/protocol/halo-message.ts';

/** A halo as a node sends it. */
export function packHalo({ bytes, ...header }: HaloMessage): Uint8Array {
  const message = emptyHalo(bytes.length);
  numbersOf(message).set(bytes);
  return sealHalo(message, bytes.length, header);
}
