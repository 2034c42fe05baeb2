import { describe, expect, it } from 'vitest';
import {
  deepFlux,
  type FaceCell,
  SHARE,
  SHARE_AHEAD,
  type ShoreTrace,
  shoreFlux,
} from '../../engine/kernels/shallow-flux.ts';
import { fluxX, fluxY } from '../../engine/kernels/tsunami.ts';
import { stepLimits } from '../../engine/simulation/step-limits.ts';
import { sequence, sphere } from './laboratory.ts';

const SETTINGS = { gravity: 9.80616, crossingSpeed: 300, thinDepth: 10 };
const n = { x: 0.48, y: -0.6, z: 0.64 };
const opposite = { x: -n.x, y: -n.y, z: -n.z };

/** Six cells across a face over a rough bed, some of it land. */
function roughLine(next: () => number, level: number, relief: number) {
  const bed = Array.from({ length: 6 }, () => level + relief * (next() - 0.7));
  return { bed, eta: bed.map((ground) => Math.max(level, ground)) };
}

describe('at rest no water passes a face, and its pressure is the one that the cells expect', () => {
  for (const [kernelName, kernel] of [
    ['west', fluxX],
    ['south', fluxY],
  ] as const)
    it(`through ${kernelName} faces, over 4000 random beds from centimetres to kilometres`, () => {
      const next = sequence(7);
      const offences: string[] = [];
      for (let trial = 0; trial < 4000; trial++) {
        const { bed, eta } = roughLine(next, 20 * (next() - 0.5), 10 ** (4 * next() - 0.5));
        const line = (values: readonly number[]) => (di: number, dj: number) => values[di + dj + 3]!;
        const zero = () => 0;
        const flux = kernel.body(
          {
            eta: line(eta),
            u: zero,
            v: zero,
            w: zero,
            h: line(eta.map((surface, k) => surface - bed[k]!)),
            leastDepth: line(eta.map((surface, k) => surface - bed[k]!)),
            stir: () => 1,
            bed: line(bed),
            etaStart: line(eta),
            length: () => 1000,
            normalX: () => n.x,
            normalY: () => n.y,
            normalZ: () => n.z,
          },
          SETTINGS,
        );
        for (const [name, value] of Object.entries(flux))
          if (value !== 0) offences.push(`${name} ${value} over ${bed}`);
      }
      expect(offences).toEqual([]);
    });
});

function randomSide(next: () => number): { cell: FaceCell; trace: ShoreTrace } {
  const depth = next() < 0.2 ? 0 : 10 ** (6 * next() - 3);
  const bed = 100 * (next() - 0.5);
  const eta = bed + depth;
  const h = depth * (1 + 0.5 * (next() - 0.5));
  const speed = depth > 0 ? 20 * (next() - 0.5) : 0;
  return {
    cell: { eta, bed, h: depth, startDepth: depth * (0.5 + next()), u: speed, v: speed * next(), w: -speed * next() },
    trace: {
      eta: eta + depth * 0.4 * (next() - 0.5),
      h,
      u: speed * next(),
      v: speed * next(),
      w: speed * next(),
    },
  };
}

describe('both tiles at a panel edge find the same flux', () => {
  for (const [name, flux] of [
    ['deep', deepFlux],
    ['shore', shoreFlux],
  ] as const)
    it(`${name} water: swapping sides and reversing the normal mirrors every bit`, () => {
      const next = sequence(11);
      let carrying = 0;
      const offences: unknown[] = [];
      for (let trial = 0; trial < 5000; trial++) {
        const [left, right] = [randomSide(next), randomSide(next)];
        const here = flux(left.trace, right.trace, left.cell, right.cell, n, SETTINGS);
        const there = flux(right.trace, left.trace, right.cell, left.cell, opposite, SETTINGS);
        const mirrored =
          (['mass', 'x', 'y', 'z'] as const).every((part) => here[part] === -there[part]) &&
          here.pressureLeft === there.pressureRight &&
          here.pressureRight === there.pressureLeft;
        if (!mirrored) offences.push({ left, right, here, there });
        if (here.mass !== 0) carrying++;
      }
      expect(offences).toEqual([]);
      expect(carrying).toBeGreaterThan(3000);
    });
});

it('a uniform stream carries h u, and pushes nothing', () => {
  const cell: FaceCell = { eta: 2, bed: -500, h: 502, startDepth: 502, u: 3, v: 1, w: -2 };
  const trace: ShoreTrace = { eta: 2, h: 502, u: 3, v: 1, w: -2 };
  const v = 3 * n.x + n.y - 2 * n.z;
  for (const flux of [deepFlux, shoreFlux]) {
    const { mass, x, y, z, pressureLeft, pressureRight } = flux(trace, trace, cell, cell, n, SETTINGS);
    expect(mass).toBeCloseTo(502 * v, 9);
    expect([x, y, z].map((part) => part / mass)).toEqual([3, 1, -2].map((part) => expect.closeTo(part, 12)));
    expect(pressureLeft).toBeCloseTo(0, 8);
    expect(pressureRight).toBeCloseTo(0, 8);
  }
});

it('the shares that faces may take of a cell add up to less than it holds, whichever way it flows', () => {
  let most = 0;
  for (const cells of [8, 12, 24, 48]) {
    const grid = sphere(cells);
    const { narrowest } = stepLimits(grid, () => 1);
    const { area, lengthX, lengthY, normalX, normalY, up } = grid.geometry(0);
    for (let j = 0; j < cells; j++)
      for (let i = 0; i < cells; i++) {
        const cell = j * cells + i;
        const normalAt = (normals: typeof normalX, k: number, sign: number) => normals.map((axis) => sign * axis[k]!);
        const faces: [number, number[]][] = [
          [lengthX[j * (cells + 1) + i]!, normalAt(normalX, i, -1)],
          [lengthX[j * (cells + 1) + i + 1]!, normalAt(normalX, i + 1, 1)],
          [lengthY[cell]!, normalAt(normalY, j, -1)],
          [lengthY[cell + cells]!, normalAt(normalY, j + 1, 1)],
        ];
        const k = up.map((axis) => axis[cell]!);
        const [a, b] = tangents(k);
        for (let degrees = 0; degrees < 360; degrees += 15) {
          const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
          let taken = 0;
          for (const [length, normal] of faces) {
            const ahead = normal.reduce((sum, part, axis) => sum + part * (c * a[axis]! + s * b[axis]!), 0);
            taken += (SHARE + SHARE_AHEAD * Math.max(0, ahead) ** 2) * length;
          }
          most = Math.max(most, (taken * narrowest) / area[cell]!);
        }
      }
  }
  expect(most).toBeGreaterThan(0.9);
  expect(most).toBeLessThan(0.9999);
});

/** Two unit vectors across a third. */
function tangents([x, y, z]: readonly number[]): [number[], number[]] {
  const [ax, ay, az] = Math.abs(z!) < 0.9 ? [y!, -x!, 0] : [0, z!, -y!];
  const size = Math.hypot(ax, ay, az);
  const a = [ax / size, ay / size, az / size];
  return [a, [y! * a[2]! - z! * a[1]!, z! * a[0]! - x! * a[2]!, x! * a[1]! - y! * a[0]!]];
}
