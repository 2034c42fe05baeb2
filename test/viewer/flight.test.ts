import { expect, it } from 'vitest';
import { cameraAt, hasLanded } from '../../viewer/globe/flight.ts';

const flight = {
  from: { longitude: 170, latitude: -10, zoom: 1 },
  to: { longitude: -170, latitude: 30, zoom: 16 },
  began: 1000,
};

it('flies the short way round, from where it was to where it was sent', () => {
  const near = (now: number, longitude: number, latitude: number, zoom: number) => {
    const camera = cameraAt(flight, now);
    expect(camera.longitude).toBeCloseTo(longitude, 9);
    expect(camera.latitude).toBeCloseTo(latitude, 9);
    expect(camera.zoom).toBeCloseTo(zoom, 9);
  };
  near(900, 170, -10, 1);
  near(1000, 170, -10, 1);
  // Halfway it is on the date line, four times as close.
  near(1350, -180, 10, 4);
  near(1700, -170, 30, 16);
  expect([1000, 1699, 1700].map((now) => hasLanded(flight, now))).toEqual([false, false, true]);
});
