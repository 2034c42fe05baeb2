import { geoContains } from 'd3-geo';
import { describe, expect, test } from 'vitest';
import { coastlines } from '../../../workers/plot/coastlines.ts';
import { colourOf, colourScale } from '../../../workers/plot/colour-scale.ts';
import { paintField } from '../../../workers/plot/field-picture.ts';
import { BadLatLonField, coarsen, regularField } from '../../../workers/plot/lat-lon-field.ts';
import { hourlyIsochrones } from '../../../workers/plot/map-layers.ts';
import { mapProjection, type ProjectionName } from '../../../workers/plot/projections.ts';
import { rasterise } from '../../../workers/plot/rasterise.ts';
import { palette, path, svgDocument } from '../../../workers/plot/svg.ts';
import { BadMap, drawWorldMap, type WorldMapOptions, worldMap } from '../../../workers/plot/world-map.ts';
import { readPng } from './read-png.ts';
import { globalField, mulberry32 } from './synthetic-fields.ts';

const projections: ProjectionName[] = ['equirectangular', 'mollweide', 'robinson'];
const degrees = Math.PI / 180;
const page = { width: 640, height: 380 };
const plain = { title: 'Test', units: 'm', colourMap: 'viridis', ...page } as const;
const waves = (longitude: number, latitude: number): number =>
  Math.cos(latitude * degrees) * Math.sin(2 * longitude * degrees) + Math.sin(latitude * degrees);
const paint = { scale: colourScale('viridis', [-2, 2]), landColour: [1, 2, 3], smooth: true, pixelRatio: 1 } as const;

function hex(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

/** 1 on land by the coastline polygons themselves, 0 at sea. */
const landField = globalField(4, (longitude, latitude) =>
  geoContains(coastlines('110m').land, [longitude, latitude]) ? 1 : 0,
);

describe.each(projections)('%s', (projection) => {
  test('the pixel at a longitude and latitude has the colour of the value there', async () => {
    const options: WorldMapOptions = {
      ...plain,
      ...globalField(2, waves),
      limits: [-2, 2],
      projection,
      centralLongitude: 200,
    };
    const picture = readPng(await worldMap(options));
    const drawing = drawWorldMap(options);
    let seen = 0;
    // Open ocean, away from shores and from the graticule's multiples of 30°.
    for (const [longitude, latitude] of [
      [-140, 40],
      [-160, -45],
      [165, 45],
      [-20, -20],
      [80, -20],
      [-40, 40],
      [-130, -10],
      [75, -50],
    ] as const) {
      const [x, y] = drawing.projection.forward(longitude, latitude);
      const pixel = picture.at(Math.floor(x), Math.floor(y));
      const at = drawing.projection.inverse(Math.floor(x) + 0.5, Math.floor(y) + 0.5)!;
      const expected = colourOf(drawing.scale, waves(...at));
      for (let c = 0; c < 3; c++) expect(Math.abs(pixel[c]! - expected[c]!)).toBeLessThanOrEqual(4);
      seen++;
    }
    expect(seen).toBe(8);
  });

  test('columns may start anywhere: the picture is the same', () => {
    const map = mapProjection(projection, { x: 0, y: 0, width: 360, height: 180 }, 200);
    const pictures = [-180, 0, 30].map(
      (west) => paintField(regularField(globalField(3, waves, west)), map, paint).pixels,
    );
    for (const other of pictures.slice(1)) {
      let different = 0;
      for (let k = 0; k < other.length; k++) if (Math.abs(other[k]! - pictures[0]![k]!) > 1) different++;
      expect(different).toBe(0);
    }
  });

  test.each([0, 200, 180])('no seam, gap or streak in a smooth field with %d° in the middle', (central) => {
    const map = mapProjection(projection, { x: 0, y: 0, width: 480, height: 250 }, central);
    const { pixels, width, height } = paintField(regularField(globalField(2, waves)), map, paint);
    let [painted, gaps, steepest] = [0, 0, 0];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const at = 4 * (y * width + x);
        if (map.inverse(map.box.x + x + 0.5, map.box.y + y + 0.5) !== undefined && pixels[at + 3] === 0) gaps++;
        if (pixels[at + 3] !== 255 || x + 1 === width || pixels[at + 7] !== 255) continue;
        painted++;
        // A field this smooth changes by few colours from pixel to pixel, except where the parallels shrink to the pole.
        if (y < height / 20 || y > (height * 19) / 20) continue;
        for (let c = 0; c < 3; c++) steepest = Math.max(steepest, Math.abs(pixels[at + c]! - pixels[at + 4 + c]!));
      }
    expect(gaps).toBe(0);
    expect(steepest).toBeLessThan(16);
    expect(painted).toBeGreaterThan(0.7 * width * height);
  });

  test('the coast lies on the data: a field that is 1 on land fits the drawn land best where it is', async () => {
    const map = mapProjection(projection, { x: 0, y: 0, width: 480, height: 250 }, 200);
    const scale = colourScale('oslo', [0, 1]);
    const { pixels, width, height } = paintField(regularField(landField), map, { ...paint, scale });
    const drawn = await rasterise(
      svgDocument(480, 250, 'land', [path(map.path(coastlines('110m').land), { fill: '#000000' })]),
    );
    const mismatch = (right: number, down: number): number => {
      let [wrong, count] = [0, 0];
      for (let y = 12; y < height - 12; y++)
        for (let x = 12; x < width - 12; x++) {
          if (map.inverse(x, y) === undefined) continue;
          const isLand = drawn.pixels[4 * ((y + map.box.y) * 480 + x + map.box.x)]! < 128;
          const isOne = pixels[4 * ((y + down) * width + x + right)]! > 128;
          if (pixels[4 * ((y + down) * width + x + right) + 3] !== 255) continue;
          count++;
          if (isLand !== isOne) wrong++;
        }
      return wrong / count;
    };
    const here = mismatch(0, 0);
    expect(here).toBeLessThan(0.05);
    for (const [right, down] of [
      [3, 0],
      [-3, 0],
      [0, 3],
      [0, -3],
    ] as const)
      expect(mismatch(right, down)).toBeGreaterThan(here);
  });

  test('no land is drawn across the open Pacific, nor the Southern Ocean, by polygons that meet the dateline', async () => {
    for (const centralLongitude of [0, 200]) {
      const sea = globalField(10, () => NaN);
      const options: WorldMapOptions = {
        ...plain,
        ...sea,
        land: new Uint8Array(sea.values.length),
        limits: [0, 1],
        projection,
        centralLongitude,
      };
      const picture = readPng(await worldMap(options));
      const map = drawWorldMap(options).projection;
      const land = hex(palette.land);
      const random = mulberry32(6);
      const count = (west: number, east: number, south: number, north: number): number => {
        let onLand = 0;
        for (let trial = 0; trial < 1500; trial++) {
          const [x, y] = map.forward(west + random() * (east - west), south + random() * (north - south));
          const pixel = picture.at(Math.min(page.width - 1, Math.floor(x)), Math.floor(y));
          if (pixel.every((value, c) => Math.abs(value - land[c]!) < 3)) onLand++;
        }
        return onLand / 1500;
      };
      expect(count(165, 225, 32, 46)).toBe(0);
      expect(count(190, 280, -60, -35)).toBe(0);
      expect(count(0, 360, -62, -57)).toBeLessThan(0.01);
      // And where land is, it is drawn: the United States, the Sahara, Australia, East Antarctica.
      expect(count(255, 265, 35, 45)).toBeGreaterThan(0.8);
      expect(count(0, 25, 20, 28)).toBeGreaterThan(0.8);
      expect(count(125, 140, -28, -20)).toBeGreaterThan(0.8);
      expect(count(60, 120, -80, -74)).toBeGreaterThan(0.4);
    }
  });
});

describe('world map', () => {
  test('NaN is land, or with a land mask at sea nothing', () => {
    const map = mapProjection('equirectangular', { x: 0, y: 0, width: 360, height: 180 }, 0);
    const field = globalField(2, (longitude) => (longitude > 90 ? NaN : 0));
    const alone = paintField(regularField(field), map, paint);
    expect([...alone.pixels.subarray(4 * (90 * 360 + 300), 4 * (90 * 360 + 300) + 4)]).toEqual([1, 2, 3, 255]);
    const masked = paintField(regularField({ ...field, land: new Uint8Array(field.values.length) }), map, paint);
    expect(masked.pixels[4 * (90 * 360 + 300) + 3]).toBe(0);
    expect(masked.pixels[4 * (90 * 360 + 100) + 3]).toBe(255);
  });

  test('unsmoothed cells are flat patches of their own value', () => {
    const map = mapProjection('equirectangular', { x: 0, y: 0, width: 360, height: 180 }, 0);
    const field = globalField(10, (longitude, latitude) => Math.sin(longitude * 12.9898 + latitude * 78.233));
    const { pixels } = paintField(regularField(field), map, { ...paint, smooth: false });
    for (let row = 0; row < 18; row++)
      for (let column = 0; column < 36; column++) {
        const expected = colourOf(paint.scale, field.values[(17 - row) * 36 + column]!);
        for (const [dx, dy] of [
          [0, 0],
          [9, 9],
          [5, 5],
          [9, 0],
        ] as const) {
          const at = 4 * ((row * 10 + dy) * 360 + column * 10 + dx);
          expect([...pixels.subarray(at, at + 3)]).toEqual(expected);
        }
      }
  });

  test('means over blocks keep the mean, the place and the mask', () => {
    const field = regularField(globalField(1, waves));
    const coarse = coarsen(field, 60);
    expect([coarse.rows, coarse.columns, coarse.periodic]).toEqual([30, 60, true]);
    const mean = (values: ArrayLike<number>): number =>
      Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(coarse.values)).toBeCloseTo(mean(field.values), 6);
    expect([coarse.south, coarse.west, coarse.latitudeStep]).toEqual([-87, -177, 6]);
    expect(coarse.values[15 * 60 + 30]).toBeCloseTo(waves(3, 3), 1);
  });

  test('title, subtitle, labels and units are drawn in ink: the font is there', async () => {
    const options: WorldMapOptions = { ...plain, ...globalField(10, waves), title: '', subtitle: '', caption: '' };
    const ink = async (changed: Partial<WorldMapOptions>, box: [number, number, number, number]): Promise<number> => {
      const picture = readPng(await worldMap({ ...options, ...changed }));
      let dark = 0;
      for (let y = box[1]; y < box[3]; y++) for (let x = box[0]; x < box[2]; x++) if (picture.at(x, y)[0] < 140) dark++;
      return dark;
    };
    expect(await ink({}, [0, 0, 640, 84])).toBe(0);
    expect(await ink({ title: 'Tōhoku-oki tsunami' }, [0, 20, 640, 70])).toBeGreaterThan(400);
    expect(await ink({ caption: 'identity 3f9c0d1a7be2 · 10′' }, [0, 350, 400, 375])).toBeGreaterThan(60);
    // Latitude labels stand left of the frame, longitudes below it.
    const { box } = drawWorldMap(options).projection;
    expect(await ink({}, [10, box.y, box.x - 6, box.y + box.height])).toBeGreaterThan(60);
    expect(await ink({}, [box.x, box.y + box.height + 7, box.x + box.width, box.y + box.height + 26])).toBeGreaterThan(
      100,
    );
  });

  test('the caption travels in the file', async () => {
    const picture = readPng(await worldMap({ ...plain, ...globalField(10, waves), caption: 'tohoku-2011 · 10′' }));
    expect(picture.texts).toMatchObject({ Title: 'Test', Description: 'tohoku-2011 · 10′', Software: 'Terrella' });
    expect([picture.width, picture.height]).toEqual([page.width, page.height]);
  });

  test('labels cover neither each other nor a station’s dot', () => {
    const random = mulberry32(7);
    const stations = Array.from({ length: 60 }, (_, k) => ({
      name: `Gauge ${k}`,
      longitude: 150 + 40 * random(),
      latitude: 20 + 30 * random(),
    }));
    const { svg } = drawWorldMap({
      ...plain,
      ...globalField(10, waves),
      width: 1600,
      coastlines: '110m',
      height: 900,
      stations,
      centralLongitude: 200,
    });
    expect(svg.match(/<circle/g)!.length).toBe(60);
    const labels = [
      ...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" font-size="12.5"[^>]*text-anchor="(\w+)"[^>]*>(Gauge \d+)</g),
    ].map(([, x, y, anchor]) => {
      const width = 50;
      const left = anchor === 'end' ? Number(x) - width : anchor === 'middle' ? Number(x) - width / 2 : Number(x);
      return { left, right: left + width, top: Number(y) - 9, bottom: Number(y) };
    });
    expect(labels.length).toBeGreaterThan(15);
    for (const [k, a] of labels.entries()) {
      for (const b of labels.slice(k + 1))
        expect(a.left < b.right - 3 && b.left < a.right - 3 && a.top < b.bottom && b.top < a.bottom).toBe(false);
      for (const [, cx, cy] of svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g))
        expect(Number(cx) > a.left && Number(cx) < a.right && Number(cy) > a.top && Number(cy) < a.bottom).toBe(false);
    }
  });

  test('isochrones: a line each hour, every third with its text', () => {
    const hours = globalField(3, (longitude, latitude) => Math.hypot(longitude + 150, latitude) / 12);
    const contours = hourlyIsochrones(hours.values.filter((value) => value < 9.5));
    expect(contours.levels).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(contours.labelled).toEqual([3, 6, 9]);
    const { svg } = drawWorldMap({
      ...plain,
      ...hours,
      width: 1600,
      height: 900,
      coastlines: '110m',
      contours,
      centralLongitude: 200,
    });
    const labels = [...svg.matchAll(/>(\d+) h</g)].map(([, hour]) => Number(hour));
    expect(new Set(labels)).toEqual(new Set([3, 6, 9]));
  });

  test('names with markup cannot break the drawing', async () => {
    const stations = [{ name: '<b>&"\u0007', longitude: 0, latitude: 0 }];
    const bytes = await worldMap({ ...plain, ...globalField(10, waves), title: 'A & <B>', stations });
    expect(readPng(bytes).texts.Title).toBe('A & <B>');
  });

  test('fields that cannot be drawn are refused, with the cure', () => {
    const field = globalField(10, waves);
    expect(() => drawWorldMap({ ...plain, ...field, latitudes: field.latitudes.slice().reverse() })).toThrow(
      /reverse the rows/,
    );
    expect(() => drawWorldMap({ ...plain, ...field, rows: 17 })).toThrow(BadLatLonField);
    expect(() =>
      drawWorldMap({ ...plain, ...field, longitudes: field.longitudes.map((x, k) => x + (k === 5 ? 4 : 0)) }),
    ).toThrow(/longitudes\[5\]/);
    expect(() =>
      drawWorldMap({ ...plain, ...field, projection: 'mollweide', region: { west: 0, east: 9, south: 0, north: 9 } }),
    ).toThrow(BadMap);
  });
});
