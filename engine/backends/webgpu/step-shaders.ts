import { BLOCK, CELL_GROUP, CONTROL, DUTY, LIST_GROUP, LIST_PLACE, NONE } from '../../compiler/wgsl-layout.ts';
import { FAILED } from '../../kernels/activity.ts';

/** What surrounds the kernels of a step on a device, as `TileRunner` does on the processor. One invocation a tile, but for `settle`. */

/**
 * What each tile does in the step: nothing where it rests with all tiles that its ghosts come from, and nothing anywhere
 * once a tile has failed, so that the state stays that of the failure, or in tiles of other processes. A tile that has been
 * busy settles first. `sources` holds each tile's first place and the last one's end, then the tiles, and from `ownAt` on
 * which tiles are computed here.
 */
export const judge = (tiles: number, skipsRest: boolean, ownAt: number): string => `
@group(0) @binding(0) var<storage, read_write> control: array<atomic<u32>>;
@group(0) @binding(1) var<storage, read_write> activity: array<u32>;
@group(0) @binding(2) var<storage, read_write> found: array<u32>;
@group(0) @binding(3) var<storage, read> sources: array<u32>;
${LIST_PLACE}@compute @workgroup_size(${LIST_GROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let tile = placeOf(id, groups);
  if (tile >= ${tiles}u) { return; }
  let frozen = atomicLoad(&control[${CONTROL.failedTile}]) != ${NONE}u;
  if (tile == 0u) { atomicStore(&control[${CONTROL.frozen}], select(0u, 1u, frozen)); }
  let works = !frozen & (sources[${ownAt}u + tile] != 0u);
  var moving = activity[tile] != 0u;
  for (var k = sources[tile]; k < sources[tile + 1u]; k += 1u) { moving = moving | (activity[sources[${tiles + 1}u + k]] != 0u); }
  let busy = works & (moving | ${!skipsRest});
  let place = ${CONTROL.duties}u + tile;
  let settles = works & (atomicLoad(&control[place]) == ${DUTY.busy}u);
  atomicStore(&control[place], select(select(${DUTY.idle}u, ${DUTY.settling}u, settles), ${DUTY.busy}u, busy));
  found[tile] = 0u;
  if (busy) { atomicAdd(&control[${CONTROL.computed}], 1u); }
}
`;

/** Closes a step: what the last stage found in each tile, the lowest that failed, and the count of steps. */
export const conclude = (tiles: number): string => `
@group(0) @binding(0) var<storage, read_write> control: array<atomic<u32>>;
@group(0) @binding(1) var<storage, read_write> activity: array<u32>;
@group(0) @binding(2) var<storage, read_write> found: array<u32>;
@group(0) @binding(3) var<storage, read> sources: array<u32>;
${LIST_PLACE}@compute @workgroup_size(${LIST_GROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let tile = placeOf(id, groups);
  if (tile >= ${tiles}u) { return; }
  if (tile == 0u && atomicLoad(&control[${CONTROL.frozen}]) == 0u) { atomicAdd(&control[${CONTROL.step}], 1u); }
  if (atomicLoad(&control[${CONTROL.duties}u + tile]) != ${DUTY.busy}u) { return; }
  // Numbers that are not negative grow with their bits, infinity included.
  let failed = found[tile] >= bitcast<u32>(${FAILED}.0f);
  activity[tile] = select(u32(bitcast<f32>(found[tile])), ${FAILED}u, failed);
  if (failed) { atomicMin(&control[${CONTROL.failedTile}], tile); }
}
`;

/** Arrays of a tile that falls idle go into its stage buffers, which busy neighbours go on reading. Elements x of blocks y. */
export const settle = (copies: readonly { readonly from: number; readonly to: number }[], elements: number): string => `
@group(0) @binding(0) var<storage, read_write> memory: array<f32>;
@group(0) @binding(1) var<storage, read> blocks: array<u32>;
@group(0) @binding(2) var<storage, read> control: array<u32>;
@compute @workgroup_size(${CELL_GROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let block = id.y * ${BLOCK.words}u;
  if (id.x >= ${elements}u || control[${CONTROL.duties}u + blocks[block + ${BLOCK.tile}u]] != ${DUTY.settling}u) { return; }
  let at = blocks[block + ${BLOCK.base}u] + id.x;
  ${copies.map(({ from, to }) => `memory[at + ${to / 4}u] = memory[at + ${from / 4}u];`).join('\n  ')}
}
`;

/** Values of the cells of samples at the start of a step, in a row of their own. */
export const sample = (cells: number): string => `
@group(0) @binding(0) var<storage, read_write> memory: array<f32>;
@group(0) @binding(1) var<storage, read> elements: array<u32>;
@group(0) @binding(2) var<storage, read_write> series: array<f32>;
@group(0) @binding(3) var<storage, read> control: array<u32>;
${LIST_PLACE}@compute @workgroup_size(${LIST_GROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = placeOf(id, groups);
  if (k < ${cells}u) { series[control[${CONTROL.step}] * ${cells}u + k] = memory[elements[k]]; }
}
`;

/** What others read of cells here, or what they have sent, by the bits: as numbers they might lose some on their way. */
const moved = (cells: number, line: string): string => `
@group(0) @binding(0) var<storage, read_write> memory: array<u32>;
@group(0) @binding(1) var<storage, read> elements: array<u32>;
@group(0) @binding(2) var<storage, read_write> halo: array<u32>;
${LIST_PLACE}@compute @workgroup_size(${LIST_GROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let k = placeOf(id, groups);
  if (k < ${cells}u) { ${line} }
}
`;

/** Takes cells that other processes read into `halo`. */
export const packHalo = (cells: number): string => moved(cells, 'halo[k] = memory[elements[k]];');

/** Puts cells that other processes sent where they are read. */
export const unpackHalo = (cells: number): string => moved(cells, 'memory[elements[k]] = halo[k];');
