/** What compiled shaders find in the buffers of a device, see `engine/backends/webgpu`. All are counted in 4-byte words. */

/** Of the step's own buffer: a few words, then what each tile does in the step. */
export const CONTROL = {
  /** Steps made since the caller's last word. */
  step: 0,
  /** 1 once a tile has failed: nothing changes any more. */
  frozen: 1,
  /** The lowest tile that failed, or NONE. */
  failedTile: 2,
  /** Tile-steps computed. */
  computed: 3,
  duties: 16,
} as const;

export const NONE = 0xffffffff;

/** What a tile does in a step. */
export const DUTY = { idle: 0, busy: 1, settling: 2 } as const;

/**
 * A tile or strip that kernels work on: the element at which it lies, its tile, the elements at which the strips of
 * the tile's west, east, south and north sides lie (0 where there is none), and two words that fill a row.
 */
export const BLOCK = { base: 0, tile: 1, strips: 2, words: 8 } as const;

/** Parameters of one step take whole rows of 256 bytes, as offsets of bindings must. */
export const paramRow = (params: number): number => Math.max(1, Math.ceil(params / 64)) * 64;

/** Invocations of a workgroup that goes along a tile's cells, row after row: none is idle but at the end. */
export const CELL_GROUP = 64;

/** Invocations of a workgroup of a shader that goes along a list. */
export const LIST_GROUP = 128;

/** Declarations that every shader of stages begins with; the order is that of the bindings. */
export const STAGE_BUFFERS = `@group(0) @binding(0) var<storage, read_write> memory: array<f32>;
@group(0) @binding(1) var<storage, read_write> transients: array<f32>;
@group(0) @binding(2) var<storage, read> blocks: array<u32>;
@group(0) @binding(3) var<storage, read> params: array<f32>;
@group(0) @binding(4) var<storage, read> control: array<u32>;
@group(0) @binding(5) var<storage, read_write> found: array<atomic<u32>>;
`;

/** Place in a list of any length: workgroups come in rows where there are more than one row holds. */
export const LIST_PLACE = `fn placeOf(id: vec3u, groups: vec3u) -> u32 { return id.y * groups.x * ${LIST_GROUP}u + id.x; }
`;
