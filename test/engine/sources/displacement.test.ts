import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  displacementSeries,
  effectiveUplift,
  farFieldBound,
  finalUplift,
  type SeaFloor,
} from '../../../engine/sources/displacement.ts';
import { rectangularFault } from '../../../engine/sources/okada.ts';
import { ruptureSpan, slipAt } from '../../../engine/sources/rupture.ts';
import { eastNorth, pointAt, position, transport, type Vector } from '../../../engine/sources/sphere.ts';
import { placeSubfault, type ReferencePoint, type Subfault } from '../../../engine/sources/subfault.ts';
import { readFaultTable } from '../../../scenarios/faults/read-source-table.ts';

const RADIUS = 6.371e6;

const tohoku = readFaultTable(
  readFileSync(new URL('../../../scenarios/data/sources/tohoku2011-satake.csv', import.meta.url), 'utf8'),
  'tohoku2011-satake.csv',
).subfaults;

const maule: Subfault = {
  name: 'Maule',
  longitude: -72.668,
  latitude: -35.826,
  depth: 35e3,
  reference: 'top-centre',
  length: 450e3,
  width: 100e3,
  strike: 16,
  dip: 14,
  rake: 104,
  slip: [{ start: 0, rise: 0, slip: 15 }],
};

const floorAt = (longitude: readonly number[], latitude: readonly number[]): SeaFloor => ({
  longitude: Float64Array.from(longitude),
  latitude: Float64Array.from(latitude),
});

function lonLat([x, y, z]: Vector): readonly [number, number] {
  return [(Math.atan2(y, x) * 180) / Math.PI, (Math.asin(z) * 180) / Math.PI];
}

/** Points around the Tohoku fault and far from it, in no special order. */
function scattered(count: number, middle: readonly [number, number], spread: number): SeaFloor {
  const golden = 0.6180339887498949;
  const fraction = (n: number): number => n - Math.floor(n);
  const index = Array.from({ length: count }, (_, n) => n);
  return floorAt(
    index.map((n) => middle[0] + spread * (fraction(n * golden) - 0.5)),
    index.map((n) => middle[1] + spread * (fraction(n * golden * golden + 0.3) - 0.5)),
  );
}

describe('one fault on the globe', () => {
  test('agrees with GeoClaw’s deformation of the Maule fault to 0.3 % of its peak', () => {
    // Row y = −30 − 58·10/99 of dtopo_usgs100227.tt3 (clawpack/geoclaw, BSD-3-Clause), every fourth x = −77 + i·10/99.
    const geoclaw = [
      2.8221e-2, 3.159727e-2, 3.584394e-2, 4.152169e-2, 4.982848e-2, 6.355203e-2, 8.979592e-2, 1.487434e-1, 3.066772e-1,
      8.273264e-1, 2.831939, 5.102131, 2.198519, -9.815645e-1, -2.445664, -1.682782,
    ];
    const floor = floorAt(
      geoclaw.map((_, n) => -77 + (n * 40) / 99),
      geoclaw.map(() => -30 - 580 / 99),
    );
    finalUplift([maule], floor, { neglect: 1e-4 }).forEach((uplift, n) => {
      expect(Math.abs(uplift - geoclaw[n]!)).toBeLessThan(0.003 * 5.2);
    });
  });

  test('is the same fault by whichever of its points it is given', () => {
    const strike = 205;
    const [length, width, dip, depth] = [90e3, 60e3, 30, 40e3];
    const centroid: Subfault = {
      ...maule,
      longitude: 2,
      latitude: 1,
      depth,
      reference: 'centroid',
      length,
      width,
      strike,
      dip,
    };
    const { along, upDip, centroid: middle } = placeSubfault(centroid);
    const half = (width / 2) * Math.cos(Math.PI / 6);
    const places: [ReferencePoint, number, number, number][] = [
      ['top-centre', 0, half, depth - width / 4],
      ['top-left', -length / 2, half, depth - width / 4],
      ['bottom-centre', 0, -half, depth + width / 4],
      ['sift', 0, -half, depth - width / 4],
    ];
    const floor = scattered(200, [2, 1], 6);
    const expected = finalUplift([centroid], floor);
    const peak = Math.max(...expected);
    for (const [reference, ahead, up, itsDepth] of places) {
      const [longitude, latitude] = lonLat(pointAt(middle, along, ahead, upDip, up, RADIUS));
      const other = finalUplift([{ ...centroid, reference, longitude, latitude, depth: itsDepth }], floor);
      // Strike belongs to the reference point, where north is turned by up to 50 km · tan 1° / R.
      other.forEach((uplift, n) => {
        expect(Math.abs(uplift - expected[n]!)).toBeLessThan(1e-3 * peak);
      });
    }
  });

  test('does not know where the date line is', () => {
    const floor = scattered(300, [0, 12], 10);
    const here = finalUplift([{ ...maule, longitude: 0, latitude: 12 }], floor);
    const turn = (by: number): Float64Array =>
      floor.longitude.map((longitude, n) => {
        const turned = longitude + by;
        // Mixed ways to write a longitude, as grids have them.
        return n % 2 === 0 ? turned : turned > 180 ? turned - 360 : turned;
      });
    const there = finalUplift([{ ...maule, longitude: -180, latitude: 12 }], { ...floor, longitude: turn(180) });
    there.forEach((uplift, n) => {
      expect(Math.abs(uplift - here[n]!)).toBeLessThan(1e-10);
    });
    const across = finalUplift(
      [{ ...maule, longitude: 179.9, latitude: 12 }],
      floorAt([179.999999, 180, -180, -179.999999], [12, 12, 12, 12]),
    );
    expect(across[1]).toBeCloseTo(across[2]!, 12);
    expect(Math.abs(across[3]! - across[0]!)).toBeLessThan(1e-5);
  });

  test('keeps the volume of uplift on the sphere: potency · sin δ cos δ (1/4 + 5d/4ρ) within a distance ρ', () => {
    const depth = 8e3;
    const small: Subfault = {
      ...maule,
      longitude: 30,
      latitude: 40,
      depth,
      reference: 'centroid',
      length: 50e3,
      width: 30e3,
      dip: 30,
      rake: 90,
    };
    // Rings finer towards the fault; the area of a ring on the sphere is π times the difference of its squared chords.
    const { centroid, along, upDip } = placeSubfault(small);
    const [rings, spokes, reach] = [500, 60, 1.5e6];
    const edge = (ring: number): number => 5e3 * ((1 + reach / 5e3) ** (ring / rings) - 1);
    const places: (readonly [number, number])[] = [];
    const areas: number[] = [];
    for (let ring = 0; ring < rings; ring++) {
      const radius = (edge(ring) + edge(ring + 1)) / 2;
      for (let spoke = 0; spoke < spokes; spoke++) {
        const angle = (2 * Math.PI * spoke) / spokes;
        places.push(
          lonLat(pointAt(centroid, along, radius * Math.cos(angle), upDip, radius * Math.sin(angle), RADIUS)),
        );
        areas.push((Math.PI * (edge(ring + 1) ** 2 - edge(ring) ** 2)) / spokes);
      }
    }
    const floor = floorAt(
      places.map(([longitude]) => longitude),
      places.map(([, latitude]) => latitude),
    );
    const uplift = finalUplift([small], floor, { neglect: 1e-6 });
    const volume = uplift.reduce((sum, metres, n) => sum + metres * areas[n]!, 0);
    const expected = 15 * 50e3 * 30e3 * 0.5 * Math.sqrt(0.75) * (0.25 + (1.25 * depth) / reach);
    expect(Math.abs(volume / expected - 1)).toBeLessThan(0.01);
  });
});

describe('far field', () => {
  test('Gauss points and the single point stay within 5e-4 of the exact rectangle', () => {
    for (const [length, width, dip, rake] of [
      [50e3, 25e3, 12, 81],
      [50e3, 50e3, 45, 20],
      [100e3, 50e3, 80, 90],
    ] as const) {
      const subfault: Subfault = {
        ...maule,
        longitude: 0,
        latitude: 0,
        depth: 50e3,
        reference: 'centroid',
        length,
        width,
        dip,
        rake,
        strike: 30,
      };
      const { fault, along, upDip, centroid } = placeSubfault({ ...subfault, slip: [{ start: 0, rise: 0, slip: 1 }] });
      for (const ratio of [4.01, 6, 12, 29, 31]) {
        const ring = ratio * length;
        if (ring > 4e6) continue;
        const [exact, places]: [number[], (readonly [number, number])[]] = [[], []];
        const out = new Float64Array(3);
        let largest = 0;
        for (let a = 0; a < 24; a++) {
          const [u, v] = [ring * Math.cos((a * Math.PI) / 12), ring * Math.sin((a * Math.PI) / 12)];
          rectangularFault(fault, u + length / 2, v + (width / 2) * fault.cosDip, out);
          exact.push(15 * out[2]!);
          largest = Math.max(largest, 15 * Math.hypot(...out));
          places.push(lonLat(pointAt(centroid, along, u, upDip, v, RADIUS)));
        }
        const floor = floorAt(
          places.map(([lon]) => lon),
          places.map(([, lat]) => lat),
        );
        finalUplift([subfault], floor, { neglect: 1e-9 }).forEach((uplift, n) => {
          expect(Math.abs(uplift - exact[n]!)).toBeLessThan(5e-4 * largest);
        });
      }
    }
  });

  test('the published bound holds at every distance and in every direction', () => {
    for (const [dip, rake] of [
      [12, 81],
      [5, 90],
      [45, 0],
      [90, 0],
      [60, 130],
    ] as const) {
      const subfault: Subfault = {
        ...maule,
        longitude: 0,
        latitude: 0,
        depth: 30e3,
        reference: 'centroid',
        length: 50e3,
        width: 30e3,
        dip,
        rake,
      };
      for (const ring of [200e3, 500e3, 1e6, 2e6]) {
        const { along, upDip, centroid } = placeSubfault(subfault);
        const places = Array.from({ length: 36 }, (_, a) =>
          lonLat(
            pointAt(
              centroid,
              along,
              ring * Math.cos((a * Math.PI) / 18),
              upDip,
              ring * Math.sin((a * Math.PI) / 18),
              RADIUS,
            ),
          ),
        );
        const uplift = finalUplift(
          [subfault],
          floorAt(
            places.map(([lon]) => lon),
            places.map(([, lat]) => lat),
          ),
          { neglect: 1e-9 },
        );
        const bound = farFieldBound([subfault], ring);
        for (const value of uplift) expect(Math.abs(value)).toBeLessThan(1.02 * bound);
        expect(Math.max(...uplift.map(Math.abs))).toBeGreaterThan(0.05 * bound);
      }
    }
  });

  test('fading out leaves away no more than it may, and changes nothing near the source', () => {
    const floor = scattered(3000, [143, 38], 60);
    const full = finalUplift(tohoku, floor, { neglect: 1e-5 });
    for (const neglect of [0.02, 0.01]) {
      const faded = finalUplift(tohoku, floor, { neglect });
      full.forEach((uplift, n) => {
        expect(Math.abs(faded[n]! - uplift)).toBeLessThan(neglect);
        if (Math.abs(uplift) > 2 * neglect) expect(faded[n]).toBe(uplift);
      });
      expect(faded.filter((uplift) => uplift === 0).length).toBeGreaterThan(100);
    }
  });
});

describe('sloping bed (Tanioka and Satake 1996)', () => {
  test('a thrust that moves seaward over a bed that falls seaward lifts more water', () => {
    // West-dipping thrust: the hanging wall moves east, where the bed falls into the trench (∂b/∂x < 0).
    expect(effectiveUplift(10, 0, 2, -0.05, 0)).toBeCloseTo(2.5, 12);
    const floor = floorAt([143.3], [38.2]);
    const falling = { ...floor, slopeEast: Float64Array.of(-0.05), slopeNorth: Float64Array.of(0) };
    const [plain] = finalUplift(tohoku, floor);
    const [more] = finalUplift(tohoku, falling);
    expect(more! - plain!).toBeGreaterThan(0.5);
  });

  test('adds −u · ∇b, the displacement carried along the great circle to the point', () => {
    const { fault, along, upDip, centroid } = placeSubfault(maule);
    const out = new Float64Array(3);
    for (const [u, v] of [
      [0, 60e3],
      [-250e3, 10e3],
      [120e3, -300e3],
    ] as const) {
      const place = pointAt(centroid, along, u, upDip, v, RADIUS);
      const [longitude, latitude] = lonLat(place);
      rectangularFault(fault, u + 225e3, v + 50e3 * fault.cosDip, out);
      const [a, n] = [transport(along, centroid, place), transport(upDip, centroid, place)];
      const [east, north] = eastNorth(longitude, latitude);
      const component = (axis: Vector): number =>
        15 * axis.reduce((sum, e, c) => sum + e * (out[0]! * a[c]! + out[1]! * n[c]!), 0);
      const floor = floorAt([longitude], [latitude]);
      const sloping = { ...floor, slopeEast: Float64Array.of(0.03), slopeNorth: Float64Array.of(-0.02) };
      const term = finalUplift([maule], sloping)[0]! - finalUplift([maule], floor)[0]!;
      expect(term).toBeCloseTo(effectiveUplift(component(east), component(north), 0, 0.03, -0.02), 9);
    }
    expect(position(0, 90)[2]).toBe(1);
  });
});

describe('rupture in time', () => {
  const floor = scattered(400, [142.5, 38], 8);

  test('increments add up to the final uplift, and each is linear in the slip of its interval', () => {
    const [, end] = ruptureSpan(tohoku);
    const times = [0, 30, 60, 100, 180, end];
    const { cells, increments } = displacementSeries(tohoku, floor, times);
    const final = finalUplift(tohoku, floor);
    expect(cells.length).toBe(400);
    for (let c = 0; c < cells.length; c++) {
      const sum = increments.reduce((total, increment) => total + increment[c]!, 0);
      expect(sum).toBeCloseTo(final[cells[c]!]!, 12);
    }
    const frozen = tohoku.map((subfault) => ({
      ...subfault,
      slip: [{ start: 0, rise: 0, slip: slipAt(subfault, 60) - slipAt(subfault, 30) }],
    }));
    // The fade depends on the slip of the whole table: keep it out of the way.
    const alone = finalUplift(frozen, floor, { neglect: 1e-4 });
    increments[1]!.forEach((uplift, c) => {
      expect(uplift).toBeCloseTo(alone[cells[c]!]!, 12);
    });
  });

  test('a point’s numbers have the same bits whichever other points are asked for', () => {
    const whole = displacementSeries(tohoku, floor, [0, 60, 300]);
    const some = Array.from({ length: 40 }, (_, n) => n * 10 + 3);
    const part = displacementSeries(
      tohoku,
      floorAt(
        some.map((n) => floor.longitude[n]!),
        some.map((n) => floor.latitude[n]!),
      ),
      [0, 60, 300],
    );
    part.cells.forEach((cell, c) => {
      expect(part.increments[0]![c]).toBe(whole.increments[0]![some[cell]!]);
      expect(part.increments[1]![c]).toBe(whole.increments[1]![some[cell]!]);
    });
  });

  test('a table without slip moves nothing', () => {
    const still = tohoku.map((subfault) => ({ ...subfault, slip: [] }));
    expect(displacementSeries(still, floor, [0, 1]).cells.length).toBe(0);
  });
});

describe('mistakes are named with their value and a cure', () => {
  const floor = floorAt([0], [0]);
  test.each([
    ['times', () => displacementSeries([maule], floor, [0, 5, 5]), /5 s is followed by 5 s/],
    ['one time', () => displacementSeries([maule], floor, [0]), /two or more/],
    ['one slope', () => displacementSeries([maule], { ...floor, slopeEast: Float64Array.of(0) }, [0, 1]), /Give both/],
    [
      'lengths',
      () => displacementSeries([maule], { ...floor, latitude: new Float64Array(2) }, [0, 1]),
      /1 longitudes but 2/,
    ],
    ['dip', () => placeSubfault({ ...maule, dip: 104 }), /dips 104°.*turn strike by 180°/],
    ['upper edge', () => placeSubfault({ ...maule, depth: 3e3, reference: 'centroid' }), /above the surface/],
    ['size', () => placeSubfault({ ...maule, width: 0 }), /0 m wide/],
    ['neglect', () => displacementSeries([maule], floor, [0, 1], { neglect: 0 }), /neglect is 0 m/],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(message);
    expect(act).toThrow(/^FaultOutOfRange/);
  });
});
