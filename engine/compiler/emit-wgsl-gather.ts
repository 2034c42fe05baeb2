import type { GatheredField } from './gather.ts';
import { CONTROL, DUTY, LIST_GROUP, LIST_PLACE } from './wgsl-layout.ts';

/** What is to be gathered on a device: the same targets in all tiles at once. Addresses are elements in a field at offset 0. */
export interface DeviceTable {
  /** Sources of each target. */
  readonly width: number;
  /** Of each target: its tile, its element and that of its nearest source. */
  readonly tiles: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  readonly nearest: ArrayLike<number>;
  /** Targets × width; sources not read when width is 1, nor weights. */
  readonly sources: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** Words before the columns of a table: count and width, padded. */
const HEADER = 4;

/** The words of a table: columns one behind the other, so that neighbouring invocations read neighbouring words. */
export function deviceTableWords({
  width,
  tiles,
  targets,
  nearest,
  sources,
  weights,
}: DeviceTable): Uint32Array<ArrayBuffer> {
  const count = targets.length;
  const words = new Uint32Array(HEADER + count * (width === 1 ? 3 : 3 + 2 * width));
  const numbers = new Float32Array(words.buffer);
  words[0] = count;
  words[1] = width;
  for (let t = 0; t < count; t++) {
    words[HEADER + t] = tiles[t]!;
    words[HEADER + count + t] = targets[t]!;
    words[HEADER + 2 * count + t] = nearest[t]!;
    for (let k = 0; width > 1 && k < width; k++) {
      words[HEADER + (3 + 2 * k) * count + t] = sources[t * width + k]!;
      numbers[HEADER + (4 + 2 * k) * count + t] = weights[t * width + k]!;
    }
  }
  return words;
}

/** A shader that gathers some fields by any table, as `compileGather` does: one invocation a target, of tiles that are busy. */
export function emitWgslGather(fields: readonly GatheredField[]): string {
  const each = (text: (field: GatheredField, k: number) => string) => fields.map(text).join('\n    ');
  return `@group(0) @binding(0) var<storage, read_write> memory: array<f32>;
@group(0) @binding(1) var<storage, read> entries: array<u32>;
@group(0) @binding(2) var<storage, read> control: array<u32>;
${LIST_PLACE}@compute @workgroup_size(${LIST_GROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let count = entries[0];
  let width = entries[1];
  let t = placeOf(id, groups);
  if (t >= count) { return; }
  if (control[${CONTROL.duties}u + entries[${HEADER}u + t]] != ${DUTY.busy}u) { return; }
  let to = entries[${HEADER}u + count + t];
  let near = entries[${HEADER}u + 2u * count + t];
  if (width == 1u) {
    ${each(({ from, to, sign }) => `memory[to + ${to / 4}u] = ${sign < 0 ? '-' : ''}memory[near + ${from / 4}u];`)}
  } else {
    ${each(({ from }, k) => `let q${k} = memory[near + ${from / 4}u]; var sum${k} = 0.0f;`)}
    for (var k = 0u; k < width; k += 1u) {
      let other = entries[${HEADER}u + (3u + 2u * k) * count + t];
      let weight = bitcast<f32>(entries[${HEADER}u + (4u + 2u * k) * count + t]);
      ${each(({ from }, k) => `sum${k} += weight * (memory[other + ${from / 4}u] - q${k});`)}
    }
    ${each(({ to }, k) => `memory[to + ${to / 4}u] = q${k} + sum${k};`)}
  }
}
`;
}
