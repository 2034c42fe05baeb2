import { describe, expect, it } from 'vitest';
import {
  type Bending,
  bandOf,
  bent,
  easedBend,
  flatnessOf,
  overGlobe,
  settled,
  sheet,
} from '../../viewer/globe/bend.ts';
import { anchorOf, MERCATOR_END, POLAR_END, project, type View } from '../../viewer/globe/projection.ts';
import type { ProjectionName } from '../../viewer/state.ts';

const MAPS = ['globe', 'equirectangular', 'mercator', 'mollweide', 'polar'] as const;
const PAIRS = MAPS.flatMap((from) => MAPS.filter((to) => to !== from).map((to) => [from, to] as const));
const view = (projection: ProjectionName, latitude = 20): View => ({
  ...{ projection, latitude, longitude: 140, zoom: 1, width: 1280, height: 720, head: 0, foot: 112 },
});

describe('one map on its way to another', () => {
  const run = (start: Bending, wanted: ProjectionName, seconds: number, step = 0.05): Bending => {
    let now = start;
    for (let at = 0; at < seconds; at += step) now = bent(now, wanted, step);
    return now;
  };

  it('stays where nothing else is wanted, and arrives within a second', () => {
    expect(run(settled('polar'), 'polar', 5)).toEqual(settled('polar'));
    expect(run(settled('globe'), 'mercator', 0.5).phase).toBe('bending');
    expect(run(settled('globe'), 'mercator', 1.1)).toEqual(settled('mercator'));
  });

  it('begins with the map that was there, however long the first picture takes', () => {
    expect(bent(settled('globe'), 'polar', 3)).toEqual({ phase: 'bending', from: 'globe', to: 'polar', share: 0 });
  });

  it('goes back from where it is, without a leap', () => {
    const half = run(settled('globe'), 'mollweide', 0.3);
    if (half.phase !== 'bending') throw new Error(half.phase);
    expect(bent(half, 'globe', 0)).toEqual({ phase: 'bending', from: 'mollweide', to: 'globe', share: 1 - half.share });
    // Of the two directions the same picture is drawn.
    expect(easedBend({ from: 'mollweide', to: 'globe', share: 1 - half.share }).share).toBeCloseTo(
      1 - easedBend(half).share,
      12,
    );
    expect(run(half, 'globe', 0.5)).toEqual(settled('globe'));
  });

  it('comes to a third map by the second', () => {
    const half = run(settled('globe'), 'mollweide', 0.3);
    expect(bent(half, 'polar', 0.01)).toMatchObject({ from: 'globe', to: 'mollweide' });
    expect(run(half, 'polar', 2.5)).toEqual(settled('polar'));
  });
});

describe('shape and edges on the way', () => {
  it.each(PAIRS)('%s → %s starts as the one and ends as the other', (from, to) => {
    const flat = (map: ProjectionName) => (map === 'globe' ? 0 : 1);
    const start = flatnessOf({ from, to, share: 0 });
    const end = flatnessOf({ from, to, share: 1 });
    // A globe is any map that is not flat at all, so it may be drawn as the other.
    const shape = ({ from: a, to: b, second }: typeof start) => (second === 0 ? a : second === 1 ? b : Number.NaN);
    expect([shape(start), shape(end)]).toEqual([flat(from), flat(to)]);
  });

  it('leads over the globe where one map is about a pole and the other is not', () => {
    for (const [from, to] of PAIRS) {
      const half = { from, to, share: 0.5 };
      const isOver = from !== 'globe' && to !== 'globe' && (from === 'polar' || to === 'polar');
      expect(overGlobe(half)).toBe(isOver ? 1 : 0);
      if (isOver) expect(flatnessOf(half).from + flatnessOf(half).to).toBeLessThan(0.02);
      expect([0, 1].map((share) => overGlobe({ from, to, share }))).toEqual([0, 0]);
    }
  });

  it.each(PAIRS)('%s → %s shows every latitude that both show, all the way', (from, to) => {
    const ends = (map: ProjectionName, latitude: number) => {
      if (map === 'mercator') return [-MERCATOR_END, MERCATOR_END] as const;
      if (map !== 'polar') return [-Math.PI / 2, Math.PI / 2] as const;
      return latitude >= 0
        ? ([Math.PI / 2 - POLAR_END, Math.PI / 2] as const)
        : ([-Math.PI / 2, POLAR_END - Math.PI / 2] as const);
    };
    for (const latitude of [20, -20])
      for (let share = 0; share <= 1; share += 1 / 16) {
        const [south, north] = bandOf({ from, to, share }, view(to, latitude));
        const [a, b] = [ends(from, latitude), ends(to, latitude)];
        expect(south).toBeLessThanOrEqual(Math.sin(Math.max(a[0], b[0])) + 1e-12);
        expect(north).toBeGreaterThanOrEqual(Math.sin(Math.min(a[1], b[1])) - 1e-12);
      }
  });

  it('holds the camera’s place where each map has it', () => {
    for (const projection of MAPS)
      for (const latitude of [20, -63]) {
        const where = view(projection, latitude);
        expect(where.height / 2 - anchorOf(where)).toBeCloseTo(project(where, where)!.y, 6);
      }
  });

  it('covers every longitude and latitude once', () => {
    const { array } = sheet().getAttribute('place');
    const corners = [...sheet().getIndex()!.array];
    let area = 0;
    for (let k = 0; k < corners.length; k += 3) {
      const [a, b, c] = [0, 1, 2].map((n) => [array[2 * corners[k + n]!]!, array[2 * corners[k + n]! + 1]!]);
      const twice = (b![0]! - a![0]!) * (c![1]! - a![1]!) - (c![0]! - a![0]!) * (b![1]! - a![1]!);
      // All turn the same way: their backs are the sheet's inside.
      expect(twice).toBeGreaterThan(0);
      area += twice / 2;
    }
    expect(area).toBeCloseTo(2 * Math.PI ** 2, 4);
  });
});
