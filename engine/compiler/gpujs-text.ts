/**
 * How a kernel string reads the four values of a place in a texture. gpu.js's cpu and WebGL modes read all four at once;
 * its webasm mode knows arrays of numbers only, so there each is read by itself.
 */
export type TexelReads = 'whole' | 'single';

/** The texels that a kernel string reads. */
export interface Texels {
  /** One channel of the texel at `place`, as `t0[y][x]`. */
  channel(place: string, channel: number): string;
  /** What must stand before the first use: each texel is fetched once. */
  fetches(): string[];
}

export function readTexels(reads: TexelReads, prefix = 'q'): Texels {
  const names = new Map<string, string>();
  return {
    channel: (place, channel) => {
      if (reads === 'single') return `${place}[${channel}]`;
      const name = names.get(place) ?? `${prefix}${names.size}`;
      names.set(place, name);
      return `${name}[${channel}]`;
    },
    fetches: () => [...names].map(([place, name]) => `const ${name} = ${place};`),
  };
}

/** Where the place of a thread lies: its block's column and row, and x and y in the block, ghosts included. */
export const placeInBlock = (stride: number, rows: number): string =>
  `const blockColumn = Math.floor((this.thread.x + 0.5) / ${stride});
  const blockRow = Math.floor((this.thread.y + 0.5) / ${rows});
  const x = this.thread.x - blockColumn * ${stride};
  const y = this.thread.y - blockRow * ${rows};`;

/** A function of gpu.js: textures, then numbers. */
export const kernelText = (textures: number, numbers: number, body: readonly string[]): string => {
  const names = [
    ...Array.from({ length: textures }, (_, k) => `t${k}`),
    ...Array.from({ length: numbers }, (_, k) => `p${k}`),
  ];
  return `function(${names.join(', ')}) {\n  ${body.filter((line) => line !== '').join('\n  ')}\n}`;
};

/** Four results; places without one hold 0. */
export const fourResults = (results: readonly string[]): string => `return [${fourOf(results).join(', ')}];`;

export const fourOf = (results: readonly string[]): string[] => Array.from({ length: 4 }, (_, k) => results[k] ?? '0');
