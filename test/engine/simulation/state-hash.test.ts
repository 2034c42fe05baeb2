import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CHAIN_START, chainStateHash, type StateField, stateHash } from '../../../engine/simulation/state-hash.ts';
import { fastStateHash } from '../../../workers/store/state-hash.ts';

function randomPanels(seed: number, panels: number, cells: number, wide: boolean): (Float32Array | Float64Array)[] {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return Array.from({ length: panels }, () =>
    wide ? Float64Array.from({ length: cells }, next) : Float32Array.from({ length: cells }, next),
  );
}

describe('the state hash', () => {
  const fields: StateField[] = [
    { name: 'eta', panels: randomPanels(1, 6, 37 * 41, false) },
    { name: 'flux', panels: randomPanels(2, 6, 37 * 41, true) },
  ];

  test('is SHA-256 over the little-endian bytes, field by field, panel by panel', () => {
    const field: StateField = { name: 'h', panels: [Float32Array.of(1, -0), Float32Array.of(0.1)] };
    // 1 = 3f800000, −0 = 80000000, 0.1 = 3dcccccd in IEEE 754, least byte first.
    const bytes = Buffer.from('0000803f00000080cdcccc3d', 'hex');
    expect(stateHash([field])).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('is the same in the pure engine and on the machine’s own instructions', () => {
    expect(fastStateHash(fields)).toBe(stateHash(fields));
  });

  test('does not depend on where the values lie in memory', () => {
    const wide = new Float32Array(100).fill(7);
    const view = wide.subarray(13, 13 + 37);
    view.set((fields[0] as StateField).panels[0]?.subarray(0, 37) as Float32Array);
    expect(stateHash([{ name: 'eta', panels: [view] }])).toBe(stateHash([{ name: 'eta', panels: [view.slice()] }]));
  });

  test('changes with any one bit, and with the order of fields', () => {
    const before = stateHash(fields);
    const bits = new Uint32Array((fields[0] as StateField).panels[5]?.buffer as ArrayBuffer);
    bits[36] = (bits[36] as number) ^ 1;
    const after = stateHash(fields);
    bits[36] = (bits[36] as number) ^ 1;
    expect(after).not.toBe(before);
    expect(stateHash(fields.toReversed())).not.toBe(before);
    expect(stateHash(fields)).toBe(before);
  });
});

describe('the chain of state hashes', () => {
  test('is SHA-256 of the link before, the state and the step as eight little-endian bytes', () => {
    const state = 'ab'.repeat(32);
    const bytes = Buffer.concat([Buffer.alloc(32), Buffer.from(state, 'hex'), Buffer.from('0201000000000000', 'hex')]);
    expect(chainStateHash(CHAIN_START, state, 258)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('vouches for every state before: one that differs changes every later link', () => {
    const link = (first: string): string => chainStateHash(chainStateHash(CHAIN_START, first, 1), 'cd'.repeat(32), 2);
    expect(link('ab'.repeat(32))).not.toBe(link('ac'.repeat(32)));
  });
});
