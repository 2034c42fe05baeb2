import { describe, expect, it } from 'vitest';
import { makeCubedSphere } from '../../engine/grid/cubed-sphere.ts';
import { PANELS, toGlobe } from '../../engine/grid/panels.ts';
import { fillHalos, layerSize } from '../../viewer/stream/halo.ts';
import { MISSING } from '../../workers/protocol/frame.ts';

/** Smooth everywhere, with no symmetry of the cube; between 0 and 65534. */
const smooth = (x: number, y: number, z: number) => 32_000 + 12_000 * (x * y + 0.7 * z - 0.4 * x + 0.6 * y * z * z);

interface HaloCell {
  readonly at: number;
  /** Inside the panel, beyond one side of it, or beyond a corner. */
  readonly where: 'inside' | 'beyond' | 'corner';
  readonly panel: number;
  readonly i: number;
  readonly j: number;
}

/** Codes of a function at the engine's own cell centres, layer after layer, and what its cells beyond tiles should be. */
function frameOf(cells: number, tile: number, value = smooth) {
  const grid = makeCubedSphere({ cells, tile, radius: 1, halo: 1 });
  const layer = layerSize(tile);
  const across = cells / tile;
  const codes = new Uint16Array(6 * across * across * layer * layer).fill(12_345);
  const halo: HaloCell[] = [];
  const centres = Array.from({ length: PANELS }, (_, panel) => grid.coordinates(panel, 1).centre);
  const exact = (panel: number, i: number, j: number) => {
    const [x, y, z] = centres[panel]!;
    const at = (j + 1) * (cells + 2) + i + 1;
    return value(x[at]!, y[at]!, z[at]!);
  };
  const inside = (k: number) => k >= 0 && k < cells;
  for (let panel = 0; panel < 6; panel++)
    for (let tj = 0; tj < across; tj++)
      for (let ti = 0; ti < across; ti++)
        for (let b = 0; b < layer; b++)
          for (let a = 0; a < layer; a++) {
            const at = (((panel * across + tj) * across + ti) * layer + b) * layer + a;
            const [i, j] = [ti * tile + a - 1, tj * tile + b - 1];
            if (a > 0 && a <= tile && b > 0 && b <= tile) {
              codes[at] = Math.round(exact(panel, i, j));
              continue;
            }
            const where = inside(i) && inside(j) ? 'inside' : inside(i) || inside(j) ? 'beyond' : 'corner';
            halo.push({ at, where, panel, i, j });
          }
  return { codes, halo, exact };
}

/** Largest error of the cells beyond panels. */
function worst(cells: number, tile: number, where: HaloCell['where']): number {
  const { codes, halo, exact } = frameOf(cells, tile);
  fillHalos(codes, cells, tile);
  return Math.max(
    ...halo
      .filter((cell) => cell.where === where)
      .map(({ at, panel, i, j }) => Math.abs(codes[at]! - exact(panel, i, j))),
  );
}

describe('cells around a frame tile', () => {
  it.each([
    [16, 8],
    [24, 6],
    [32, 32],
  ])('are those of the neighbour inside a panel, bit for bit: %d cells in tiles of %d', (cells, tile) => {
    const { codes, halo, exact } = frameOf(cells, tile);
    fillHalos(codes, cells, tile);
    const inside = halo.filter(({ where }) => where === 'inside');
    expect(inside.length > 0).toBe(tile < cells);
    for (const { at, panel, i, j } of inside) expect(codes[at]).toBe(Math.round(exact(panel, i, j)));
  });

  it('leaves the tiles themselves alone', () => {
    const { codes, halo } = frameOf(16, 8);
    const before = codes.slice();
    fillHalos(codes, 16, 8);
    const beside = new Set(halo.map(({ at }) => at));
    for (let at = 0; at < codes.length; at++) if (!beside.has(at)) expect(codes[at]).toBe(before[at]);
  });

  it('are right to second order beyond a panel’s side', () => {
    const errors = [8, 16, 32].map((cells) => worst(cells, cells / 2, 'beyond'));
    expect(Math.log2(errors[0]! / errors[1]!)).toBeGreaterThan(1.7);
    expect(Math.log2(errors[1]! / errors[2]!)).toBeGreaterThan(1.7);
    // Less than a hundredth of the field, on a grid as coarse as a viewer's coarsest.
    expect(errors[2]).toBeLessThan(100);
  });

  it('are near beyond a corner, where three panels meet', () => {
    const errors = [8, 16, 32, 64].map((cells) => worst(cells, cells / 2, 'corner'));
    for (const [k, error] of errors.entries()) expect(error).toBeLessThan((40_000 * Math.PI) / 2 / (8 * 2 ** k));
    expect(errors[3]! / errors[0]!).toBeLessThan(0.25);
  });

  it('of a uniform field are that field, everywhere', () => {
    const { codes } = frameOf(24, 8, () => 54_321);
    fillHalos(codes, 24, 8);
    expect(new Set(codes)).toEqual(new Set([54_321]));
  });

  it('have no value where the neighbour has none, and never one between a value and nothing', () => {
    const [low, high] = [1000, 2000];
    // Nothing on a cap about a corner of the cube, which cuts three panel sides.
    const { codes, halo, exact } = frameOf(32, 8, (x, y, z) =>
      (x + y + z) / Math.sqrt(3) > 0.9 ? MISSING : x > 0 ? low : high,
    );
    fillHalos(codes, 32, 8);
    const counts = { nothing: 0, something: 0 };
    for (const { at, panel, i, j, where } of halo) {
      const code = codes[at]!;
      expect(code === MISSING || (code >= low && code <= high), `${code}`).toBe(true);
      if (where === 'corner') continue;
      // A cell whose own surroundings are all alike has to be like them.
      const around = [-0.6, 0, 0.6].flatMap((a) => [-0.6, 0, 0.6].map((b) => [a, b] as const));
      const alike = around.every(([a, b]) => nearby(panel, i + a, j + b, 32) === (exact(panel, i, j) === MISSING));
      if (!alike) continue;
      expect(code === MISSING, `panel ${panel}, cell ${i}, ${j}`).toBe(exact(panel, i, j) === MISSING);
      if (where === 'beyond') counts[code === MISSING ? 'nothing' : 'something']++;
    }
    expect(counts.nothing).toBeGreaterThan(10);
    expect(counts.something).toBeGreaterThan(100);
  });
});

/** Whether the cap without values covers a point of a panel. */
function nearby(panel: number, i: number, j: number, cells: number): boolean {
  const tangent = (k: number) => Math.tan(((k + 0.5) / cells - 0.5) * (Math.PI / 2));
  const r = toGlobe(panel, 1, tangent(i), tangent(j));
  return (r[0] + r[1] + r[2]) / Math.hypot(...r) / Math.sqrt(3) > 0.9;
}
