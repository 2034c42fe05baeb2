import { littleEndianBytes, type StateField } from '../../engine/simulation/state-hash.ts';
import { sha256Hex } from './state-hash.ts';

/**
 * The file of a checkpoint, all numbers little-endian:
 *
 * | bytes | what |
 * |---|---|
 * | 0 … 7 | `TERRELLA` |
 * | 8 … 11 | length of the header, u32, a multiple of 64 less 48, so that the payload starts aligned |
 * | 12 … 43 | SHA-256 of the header |
 * | 44 … 47 | zero |
 * | 48 … | header: JSON in UTF-8, padded with spaces |
 * | then | payload: the panels of each field, row-major, at the offsets that the header lists |
 */
const MAGIC = new TextEncoder().encode('TERRELLA');
const PREAMBLE = 48;
const ALIGNMENT = 64;
export const CHECKPOINT_FORMAT = 1;

export interface Section {
  readonly name: string;
  readonly role: 'prognostic' | 'auxiliary';
  readonly precision: 'float32' | 'float64';
  /** Where each panel lies in the payload [bytes], and its SHA-256. */
  readonly panels: readonly { readonly offset: number; readonly length: number; readonly sha256: string }[];
}

/** What the header says beside the sections. */
export interface CheckpointFacts {
  readonly engineVersion: string;
  readonly scenario: string;
  readonly gridFingerprint: string;
  readonly cellsX: number;
  readonly cellsY: number;
  readonly step: number;
  readonly seconds: number;
  readonly timeStep: number;
  readonly precision: 'float32' | 'float64';
  readonly stateHash: string;
  readonly chain: string;
  readonly extra: unknown;
}

export interface CheckpointHeader extends CheckpointFacts {
  readonly format: number;
  readonly sections: readonly Section[];
}

const alignUp = (value: number): number => Math.ceil(value / ALIGNMENT) * ALIGNMENT;

export function encodeCheckpoint(
  facts: CheckpointFacts,
  fields: readonly { readonly role: Section['role']; readonly field: StateField }[],
): Uint8Array {
  let offset = 0;
  const parts: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  const sections = fields.map(({ role, field }): Section => {
    const panels = field.panels.map((values) => {
      const bytes = littleEndianBytes(values);
      const panel = { offset, length: bytes.length, sha256: sha256Hex(bytes) };
      parts.push({ offset, bytes });
      offset = alignUp(offset + bytes.length);
      return panel;
    });
    const precision = field.panels[0] instanceof Float64Array ? 'float64' : 'float32';
    return { name: field.name, role, precision, panels };
  });
  const header: CheckpointHeader = { format: CHECKPOINT_FORMAT, ...facts, sections };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const payload = alignUp(PREAMBLE + text.length);
  const file = new Uint8Array(payload + offset);
  file.fill(0x20, PREAMBLE, payload);
  file.set(text, PREAMBLE);
  file.set(MAGIC, 0);
  new DataView(file.buffer).setUint32(8, payload - PREAMBLE, true);
  file.set(Buffer.from(sha256Hex(file.subarray(PREAMBLE, payload)), 'hex'), 12);
  for (const part of parts) file.set(part.bytes, payload + part.offset);
  return file;
}

/** The header and where the payload starts, or what is wrong with the file. */
export function decodeHeader(
  bytes: Uint8Array,
): { readonly header: CheckpointHeader; readonly payload: number } | { readonly problem: string } {
  if (bytes.length < PREAMBLE) return { problem: `it ends after ${bytes.length} bytes` };
  if (!MAGIC.every((byte, at) => bytes[at] === byte)) return { problem: 'it does not start like a checkpoint' };
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  const payload = PREAMBLE + length;
  if (payload > bytes.length) return { problem: `it ends after ${bytes.length} bytes, inside its header` };
  const text = bytes.subarray(PREAMBLE, payload);
  if (sha256Hex(text) !== Buffer.from(bytes.subarray(12, 44)).toString('hex')) {
    return { problem: 'its header does not match its hash' };
  }
  const header = JSON.parse(new TextDecoder().decode(text)) as CheckpointHeader;
  return { header, payload };
}
