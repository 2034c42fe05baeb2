import { describe, expect, it } from 'vitest';
import { type Flooding, runUpAlong, runUpAround, runUpOf } from '../../scenarios/run-up.ts';

const SEA = { seaLevel: 0, threshold: 0.01 };

/** A beach that rises by 1 in 10 to the east; row y is flooded as far as `reach(y)`, with water that thins to nothing. */
function beach(reach: (y: number) => number): Flooding {
  const cells = [1, 2, 3].flatMap((y) => Array.from({ length: 40 }, (_, i) => ({ x: i - 10, y })));
  return {
    x: cells.map(({ x }) => x),
    y: cells.map(({ y }) => y),
    ground: cells.map(({ x }) => 0.1 * x),
    depth: cells.map(({ x, y }) => Math.max(0, 0.02 * (reach(y) - x))),
  };
}

describe('run-up', () => {
  it('is the highest ground that got wetter than the threshold, and the water over it', () => {
    const highest = runUpOf(
      beach(() => 12.75),
      SEA,
    )!;
    expect(highest.x).toBe(12);
    expect(highest.ground).toBeCloseTo(1.2, 12);
    expect(highest.level).toBeCloseTo(1.2 + 0.02 * 0.75, 12);
  });

  it('does not count water thinner than the threshold, nor the sea', () => {
    expect(
      runUpOf(
        beach(() => 12.4),
        SEA,
      )!.x,
    ).toBe(11);
    expect(
      runUpOf(
        beach(() => 12.4),
        { ...SEA, threshold: 0 },
      )!.x,
    ).toBe(12);
    expect(
      runUpOf(
        beach(() => -1),
        SEA,
      ),
    ).toBeUndefined();
    expect(
      runUpOf(
        beach(() => 5),
        { ...SEA, seaLevel: 0.35 },
      )!.ground,
    ).toBeCloseTo(0.05, 12);
  });

  it('along a beach is a line, with gaps where nothing got wet', () => {
    const line = runUpAlong(
      beach((y) => (y === 2 ? -5 : 3 * y + 0.6)),
      SEA,
    );
    expect(line.map(({ y, runUp }) => [y, runUp?.x])).toEqual([
      [1, 3],
      [2, undefined],
      [3, 9],
    ]);
  });

  it('around an island follows the angle, across west too', () => {
    const cells = Array.from({ length: 41 * 41 }, (_, k) => ({ x: (k % 41) - 20, y: Math.floor(k / 41) - 20 }));
    const radius = cells.map(({ x, y }) => Math.hypot(x, y));
    const flooding: Flooding = {
      x: cells.map(({ x }) => 100 + x),
      y: cells.map(({ y }) => 50 + y),
      ground: radius.map((r) => 2 - 0.1 * r),
      // In the west it climbs to a radius of 5, elsewhere to one of 10.
      depth: cells.map(({ x, y }, k) => (radius[k]! >= (x < -Math.abs(y) ? 5 : 10) ? 0.2 : 0)),
    };
    const around = (sector: number) =>
      runUpAround(flooding, SEA, { x: 100, y: 50, angles: [0, 90, 180, 360], sector }).map(
        ({ runUp }) => runUp!.ground,
      );
    expect(around(20).map((height) => height.toFixed(2))).toEqual(['1.00', '1.00', '1.50', '1.00']);
    expect(around(360)).toEqual([1.5, 1.5, 1.5, 1.5].map((height) => expect.closeTo(height, 12)));
  });

  it('refuses a threshold or a sector that means nothing', () => {
    expect(() =>
      runUpOf(
        beach(() => 1),
        { ...SEA, threshold: -1 },
      ),
    ).toThrow('RunUpThreshold: -1 m');
    expect(() =>
      runUpAround(
        beach(() => 1),
        SEA,
        { x: 0, y: 0, angles: [0], sector: 0 },
      ),
    ).toThrow('RunUpSector: a sector of 0°');
  });
});
