import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import { cellArea, panelLines } from '../../../engine/grid/cubed-sphere-geometry.ts';
import type { PanelGeometry, Side } from '../../../engine/grid/grid.ts';
import { PANEL_NEIGHBOURS, SIDES } from '../../../engine/grid/panels.ts';
import { exactSum } from './sequence.ts';

const radius = 6371220;
const sphere = (cells: number, tile = cells) => makeCubedSphere({ cells, tile, radius, halo: 3 });

/** Nodes and weights of Gauss and Legendre on −1 … 1, seven points. */
const GAUSS = [
  [0, 0.4179591836734694],
  [0.4058451513773972, 0.3818300505051189],
  [0.7415311855993945, 0.2797053914892766],
  [0.9491079123427585, 0.1294849661688697],
].flatMap(([x, w]) =>
  x === 0
    ? [[x!, w!]]
    : [
        [x!, w!],
        [-x!, w!],
      ],
) as [number, number][];

/** Area of a cell by quadrature of dX dY / ρ³. */
function areaByQuadrature(x0: number, x1: number, y0: number, y1: number): number {
  let sum = 0;
  for (const [s, a] of GAUSS)
    for (const [t, b] of GAUSS) {
      const x = x0 + ((1 + s) / 2) * (x1 - x0);
      const y = y0 + ((1 + t) / 2) * (y1 - y0);
      sum += (a * b) / (1 + x * x + y * y) ** 1.5;
    }
  return (sum * (x1 - x0) * (y1 - y0)) / 4;
}

/** Index of the line of faces on a side, and of a face in it. */
function face(geometry: PanelGeometry, cells: number, side: Side, along: number) {
  const column = side === 'west' || side === 'east';
  const line = side === 'east' || side === 'north' ? cells : 0;
  const normal = (column ? geometry.normalX : geometry.normalY).map((component) => component[line]!);
  const outward = line === 0 ? normal.map((value) => 0 - value) : normal;
  const length = column ? geometry.lengthX[along * (cells + 1) + line]! : geometry.lengthY[line * cells + along]!;
  return { outward, length };
}

describe('cubed-sphere geometry', () => {
  test('areas add up to the sphere to 1e-14', () => {
    for (const cells of [8, 13, 90, 360]) {
      const grid = sphere(cells);
      const total = 6 * exactSum(grid.geometry(0).area);
      expect(Math.abs(total / (4 * Math.PI * radius ** 2) - 1)).toBeLessThan(1e-14);
    }
  });

  test('each area agrees with quadrature to 2e-15, from 8 to 1080 cells across', () => {
    let worst = 0;
    for (const cells of [8, 77, 1080]) {
      const { edgeTangent: t } = panelLines(cells);
      for (let j = 0; j < cells; j += Math.ceil(cells / 40))
        for (let i = 0; i < cells; i += Math.ceil(cells / 40)) {
          const area = cellArea(t[i]!, t[i + 1]!, t[j]!, t[j + 1]!);
          worst = Math.max(worst, Math.abs(area / areaByQuadrature(t[i]!, t[i + 1]!, t[j]!, t[j + 1]!) - 1));
        }
    }
    expect(worst).toBeLessThan(2e-15);
  });

  test('areas and lengths are symmetric to the bit under reflection and transposition', () => {
    for (const cells of [9, 24]) {
      const { area, lengthX, lengthY } = sphere(cells).geometry(4);
      for (let j = 0; j < cells; j++)
        for (let i = 0; i < cells; i++) {
          expect(area[j * cells + i]).toBe(area[i * cells + j]);
          expect(area[j * cells + i]).toBe(area[j * cells + cells - 1 - i]);
        }
      for (let j = 0; j < cells; j++)
        for (let i = 0; i <= cells; i++) {
          expect(lengthX[j * (cells + 1) + i]).toBe(lengthY[i * cells + j]);
          expect(lengthX[j * (cells + 1) + i]).toBe(lengthX[j * (cells + 1) + cells - i]);
        }
    }
  });

  test('lengths are the angles between corners', () => {
    const cells = 16;
    const grid = sphere(cells);
    const corners = grid.corners(2);
    const at = (i: number, j: number) => {
      const lon = (corners.longitude[j * (cells + 1) + i]! * Math.PI) / 180;
      const lat = (corners.latitude[j * (cells + 1) + i]! * Math.PI) / 180;
      return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)] as const;
    };
    const angle = (a: readonly number[], b: readonly number[]) =>
      2 * Math.asin(Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!) / 2);
    const { lengthX, lengthY } = grid.geometry(2);
    for (let j = 0; j < cells; j++)
      for (let i = 0; i <= cells; i++) {
        expect(lengthX[j * (cells + 1) + i]! / radius).toBeCloseTo(angle(at(i, j), at(i, j + 1)), 14);
        expect(lengthY[i * cells + j]! / radius).toBeCloseTo(angle(at(j, i), at(j + 1, i)), 14);
      }
  });

  test('on all twelve panel edges both panels see the same length and the negated normal, to the bit', () => {
    const cells = 20;
    const grid = sphere(cells);
    let edges = 0;
    for (let panel = 0; panel < 6; panel++)
      for (const side of SIDES) {
        const beyond = PANEL_NEIGHBOURS[panel]![side];
        expect(PANEL_NEIGHBOURS[beyond.panel]![beyond.side]).toEqual({ panel, side, reversed: beyond.reversed });
        edges++;
        for (let along = 0; along < cells; along++) {
          const mine = face(grid.geometry(panel), cells, side, along);
          const partnerAlong = beyond.reversed ? cells - 1 - along : along;
          const theirs = face(grid.geometry(beyond.panel), cells, beyond.side, partnerAlong);
          expect(theirs.length).toBe(mine.length);
          expect(theirs.outward).toEqual(mine.outward.map((value) => 0 - value));
        }
      }
    expect(edges).toBe(24);
  });

  test('corners on all twelve panel edges coincide', () => {
    const cells = 10;
    const grid = sphere(cells);
    const corner = (panel: number, side: Side, along: number) => {
      const line = side === 'east' || side === 'north' ? cells : 0;
      const [i, j] = side === 'west' || side === 'east' ? [line, along] : [along, line];
      const { longitude, latitude } = grid.corners(panel);
      return [longitude[j * (cells + 1) + i]!, latitude[j * (cells + 1) + i]!];
    };
    for (let panel = 0; panel < 6; panel++)
      for (const side of SIDES) {
        const beyond = PANEL_NEIGHBOURS[panel]![side];
        for (let along = 0; along <= cells; along++)
          expect(corner(beyond.panel, beyond.side, beyond.reversed ? cells - along : along)).toEqual(
            corner(panel, side, along),
          );
      }
  });

  test('a constant pressure has no tangential force: Σ L n is parallel to up, which points away from the centre', () => {
    for (const cells of [8, 45, 90]) {
      const grid = sphere(cells);
      let [worst, highest, offUnit, tilt] = [0, Number.NEGATIVE_INFINITY, 0, 0];
      for (const panel of [0, 2, 4, 5]) {
        const { lengthX, lengthY, up, normalX, normalY, longitude, latitude } = grid.geometry(panel);
        for (let j = 0; j < cells; j++)
          for (let i = 0; i < cells; i++) {
            const c = j * cells + i;
            const lengths = [
              lengthX[j * (cells + 1) + i + 1]!,
              lengthX[j * (cells + 1) + i]!,
              lengthY[c + cells]!,
              lengthY[c]!,
            ];
            const force = [0, 1, 2].map(
              (x) =>
                lengths[0]! * normalX[x]![i + 1]! -
                lengths[1]! * normalX[x]![i]! +
                (lengths[2]! * normalY[x]![j + 1]! - lengths[3]! * normalY[x]![j]!),
            );
            const k = up.map((component) => component[c]!);
            const along = force[0]! * k[0]! + force[1]! * k[1]! + force[2]! * k[2]!;
            const tangential = Math.hypot(...force.map((value, x) => value - along * k[x]!));
            worst = Math.max(worst, tangential / lengths[0]!);
            highest = Math.max(highest, along);
            offUnit = Math.max(offUnit, Math.abs(Math.hypot(...k) - 1));
            const lon = (longitude[c]! * Math.PI) / 180;
            const lat = (latitude[c]! * Math.PI) / 180;
            const outward =
              k[0]! * Math.cos(lat) * Math.cos(lon) + k[1]! * Math.cos(lat) * Math.sin(lon) + k[2]! * Math.sin(lat);
            tilt = Math.max(tilt, 1 - outward);
          }
      }
      expect(worst).toBeLessThan(5e-16);
      expect(highest).toBeLessThan(0);
      expect(offUnit).toBeLessThan(4e-16);
      expect(tilt).toBeLessThan(0.3 / cells ** 2);
    }
  });

  test('normals of faces lie in the plane across the face', () => {
    const cells = 12;
    const grid = sphere(cells);
    for (let panel = 0; panel < 6; panel++) {
      const { normalX, normalY } = grid.geometry(panel);
      const { longitude, latitude } = grid.corners(panel);
      for (let j = 0; j <= cells; j++)
        for (let i = 0; i <= cells; i++) {
          const lon = (longitude[j * (cells + 1) + i]! * Math.PI) / 180;
          const lat = (latitude[j * (cells + 1) + i]! * Math.PI) / 180;
          const r = [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
          expect(Math.abs(r.reduce((sum, value, x) => sum + value * normalX[x]![i]!, 0))).toBeLessThan(4e-16);
          expect(Math.abs(r.reduce((sum, value, x) => sum + value * normalY[x]![j]!, 0))).toBeLessThan(4e-16);
        }
    }
  });

  test('grid lines are equiangular, antisymmetric to the bit, and end at ±1', () => {
    for (const cells of [8, 9, 540]) {
      const { edgeTangent, centreTangent } = panelLines(cells);
      expect(edgeTangent[0]).toBe(-1);
      expect(edgeTangent[cells]).toBe(1);
      for (let i = 0; i <= cells; i++) {
        expect(edgeTangent[cells - i]! + edgeTangent[i]!).toBe(0);
        expect(Math.atan(edgeTangent[i]!)).toBeCloseTo(((2 * i - cells) * Math.PI) / (4 * cells), 15);
      }
      for (let i = 0; i < cells; i++) {
        expect(centreTangent[cells - 1 - i]! + centreTangent[i]!).toBe(0);
        expect(Math.atan(centreTangent[i]!)).toBeCloseTo(((2 * i + 1 - cells) * Math.PI) / (4 * cells), 15);
      }
    }
  });

  test('panels lie where they are documented to lie', () => {
    const cells = 9;
    const grid = sphere(cells);
    const centre = (cells * cells - 1) / 2;
    const at = (panel: number, cell: number) => [
      grid.geometry(panel).longitude[cell]!,
      grid.geometry(panel).latitude[cell]!,
    ];
    expect(at(0, centre)).toEqual([0, 0]);
    expect(at(1, centre)).toEqual([90, 0]);
    expect(Math.abs(at(2, centre)[0]!)).toBe(180);
    expect(at(3, centre)).toEqual([-90, 0]);
    expect(at(4, centre)[1]).toBe(90);
    expect(at(5, centre)[1]).toBe(-90);
    for (let panel = 0; panel < 4; panel++) {
      expect(at(panel, centre + cells)[1]).toBeCloseTo(10, 12);
      expect((((at(panel, centre + 1)[0]! - 90 * panel) % 360) + 360) % 360).toBeCloseTo(10, 12);
    }
    expect(at(4, centre + 1)[0]).toBeCloseTo(90, 12);
    expect(at(4, centre - cells)[0]).toBeCloseTo(0, 12);
    expect(at(5, centre + 1)[0]).toBeCloseTo(90, 12);
    expect(at(5, centre + cells)[0]).toBeCloseTo(0, 12);
  });

  test('the fingerprint depends on the geometry, not on the tiles', () => {
    const options = { cells: 24, tile: 8, radius, halo: 3 };
    const { fingerprint } = makeCubedSphere(options);
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(makeCubedSphere({ ...options, tile: 12 }).fingerprint).toBe(fingerprint);
    for (const other of [{ cells: 32 }, { radius: 1 }, { halo: 2 }, { ghostPoints: 4 as const }])
      expect(makeCubedSphere({ ...options, ...other }).fingerprint).not.toBe(fingerprint);
  });

  test('geometry and ghosts have the same bits on every machine', () => {
    const grid = makeCubedSphere({ cells: 36, tile: 36, radius, halo: 3 });
    const hash = sha256.create();
    for (const tile of grid.tiles) {
      const { area, lengthX, lengthY, up, normalX, normalY, longitude, latitude } = grid.geometry(tile.panel);
      const weights = grid.fills(tile.id).map((fill) => fill.weights);
      for (const values of [area, lengthX, lengthY, ...up, ...normalX, ...normalY, longitude, latitude, ...weights])
        hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
    expect(bytesToHex(hash.digest())).toBe('fa635200a4aced228e48554ef25999a97fb8cc3269dbfa42bf6bcc69b89f1b25');
  });

  test('tiles cover every cell of every panel once', () => {
    const { tiles } = sphere(24, 8);
    const seen = new Set<string>();
    for (const { id, panel, i0, j0 } of tiles) {
      expect(tiles[id]!.id).toBe(id);
      for (let j = 0; j < 8; j++) for (let i = 0; i < 8; i++) seen.add(`${panel} ${i0 + i} ${j0 + j}`);
    }
    expect(tiles).toHaveLength(54);
    expect(seen.size).toBe(6 * 24 * 24);
  });

  test('options that make no grid are refused with the value and the cure', () => {
    expect(() => sphere(6)).toThrow(/TooFewCells: 6 cells.*Use cells: 8/);
    expect(() => sphere(90, 40)).toThrow(/TileDoesNotDivide: tile = 40 .*15, 18, 30, 45, 90/);
    expect(() => sphere(90.5)).toThrow(/InvalidOption: cells = 90.5/);
    expect(() => makeCubedSphere({ cells: 8, tile: 8, radius: Number.NaN, halo: 3 })).toThrow(/radius = NaN m/);
    expect(() => makeCubedSphere({ cells: 8, tile: 8, radius, halo: 5 })).toThrow(/halo = 5/);
    expect(() => sphere(8).geometry(6)).toThrow(/OutOfRange: panel 6/);
    expect(() => sphere(8).fills(6)).toThrow(/OutOfRange: tile 6/);
  });
});
