import { describe, expect, test } from 'vitest';
import { chartArea, seriesPath } from '../../../workers/plot/axes.ts';
import { BadErrorPlot, drawErrorPlot, errorPlot } from '../../../workers/plot/error-plot.ts';
import { BadStationPlot, drawStationPlot, stationPlot } from '../../../workers/plot/station-plot.ts';
import { readPng } from './read-png.ts';

const seconds = Float64Array.from({ length: 720 }, (_, k) => 15 * k);
const wave = { seconds, metres: seconds.map((time) => (time < 3600 ? 0 : 0.5 * Math.sin((time - 3600) / 240))) };
const shaken = {
  seconds,
  metres: wave.metres.map((value, k) => (seconds[k]! < 1500 ? 40 * Math.sin(k) : 0.9 * value)),
};
const station = {
  id: '21413',
  name: 'SE of Tokyo',
  model: wave,
  observed: shaken,
  score: ['arrival +12 s'],
  maskedUntilSeconds: 1800,
};

function points(d: string): [number, number][] {
  return d
    .split(/[ML]/)
    .slice(1)
    .map((point) => point.split(',').map(Number) as [number, number]);
}

describe('station plot', () => {
  test('seismic waves in the masked minutes do not press the tsunami flat', () => {
    const svg = drawStationPlot({ stations: [station], title: 'Gauges' });
    const model = [...svg.matchAll(/<path d="([^"]+)"[^>]*stroke="#0b66c3"/g)]
      .map(([, d]) => points(d!))
      .sort((a, b) => b.length - a.length)[0]!;
    const heights = model.map(([, y]) => y);
    expect(Math.max(...heights) - Math.min(...heights)).toBeGreaterThan(80);
  });

  test('model is drawn over observation, and the masked minutes are shaded', async () => {
    const picture = readPng(
      await stationPlot({ stations: [station, { ...station, id: '21418', observed: undefined }], title: 'Gauges' }),
    );
    let [blue, shade] = [0, 0];
    for (let y = 0; y < picture.height; y++)
      for (let x = 0; x < picture.width; x++) {
        const [r, g, b] = picture.at(x, y);
        if (b > 150 && r < 80 && g < 140) blue++;
        if (r === 0xec && g === 0xef && b === 0xf2) shade++;
      }
    expect(blue).toBeGreaterThan(1000);
    // 1800 of 10785 s of two panels, less what is drawn on them.
    const area = 2 * 132 * (1280 - 86 - 130) * (1800 / 10785);
    expect(shade / area).toBeGreaterThan(0.6);
    expect(shade / area).toBeLessThanOrEqual(1);
  });

  test('a long plot counts hours, a short one minutes', () => {
    expect(drawStationPlot({ stations: [station], title: '' })).toContain('minutes after the origin');
    const long = { ...station, model: { seconds: seconds.map((time) => 4 * time), metres: wave.metres } };
    expect(drawStationPlot({ stations: [long], title: '' })).toContain('hours after the origin');
  });

  test('a thinned series keeps its crests, and a gap stays open', () => {
    const area = chartArea({ x: 0, y: 0, width: 100, height: 100 }, { low: 0, high: 1 }, { low: -1, high: 1 });
    const across = Float64Array.from({ length: 20_000 }, (_, k) => k / 20_000);
    const up = across.map((_, k) => (k === 7777 ? 1 : k === 15_001 ? -1 : k > 9000 && k < 9900 ? NaN : 0));
    const d = seriesPath(area, across, up);
    const drawn = points(d);
    expect(drawn.length).toBeLessThan(500);
    expect(Math.min(...drawn.map(([, y]) => y))).toBe(0);
    expect(Math.max(...drawn.map(([, y]) => y))).toBe(100);
    expect(d.match(/M/g)!.length).toBe(2);
  });

  test('no station, or no time, is refused', () => {
    expect(() => drawStationPlot({ stations: [], title: '' })).toThrow(BadStationPlot);
    expect(() => drawStationPlot({ stations: [station], title: '', from: 100, to: 100 })).toThrow(/nothing to show/);
  });
});

describe('error plot', () => {
  const resolutions = [16, 32, 64, 128];
  const lines = [
    { name: 'second', resolutions, errors: resolutions.map((cells) => 3 / cells ** 2) },
    { name: 'fourth', resolutions, errors: resolutions.map((cells) => 9 / cells ** 4) },
  ];

  test('a scheme of order p falls as the triangle p', () => {
    const svg = drawErrorPlot({ title: 'Errors', lines, orders: [2, 4] });
    const triangles = [...svg.matchAll(/<path d="([^"]+)Z" fill="#eef1f4"/g)].map(([, d]) => points(d!));
    const drawn = [...svg.matchAll(/<path d="([^"]+)" fill="none" stroke="#(?:0072b2|d55e00)" stroke-width="2"/g)].map(
      ([, d]) => points(d!),
    );
    const slope = ([a, b]: [number, number][]): number => (b![1] - a![1]) / (b![0] - a![0]);
    expect(triangles.length).toBe(2);
    for (const k of [0, 1]) expect(slope(triangles[k]!) / slope(drawn[k]!)).toBeCloseTo(1, 2);
  });

  test('it becomes a picture, and refuses what has no logarithm', async () => {
    const picture = readPng(await errorPlot({ title: 'Errors', lines }));
    expect([picture.width, picture.height]).toEqual([1000, 720]);
    expect(() => drawErrorPlot({ title: '', lines: [{ name: 'exact', resolutions: [8], errors: [0] }] })).toThrow(
      BadErrorPlot,
    );
    expect(() => drawErrorPlot({ title: '', lines: [{ name: 'short', resolutions: [8, 16], errors: [1] }] })).toThrow(
      /1 errors for 2/,
    );
  });
});
