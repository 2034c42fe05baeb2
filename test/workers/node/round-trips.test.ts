import { expect, test } from 'vitest';
import { RoundTrips } from '../../../workers/node/round-trips.ts';

test('round trips are summed up by nearest rank, the latest 256 of them', () => {
  const trips = new RoundTrips();
  expect(trips.summary()).toBeUndefined();
  trips.add(7);
  expect(trips.summary()).toEqual({ p50: 7, p95: 7 });
  for (let k = 1; k <= 100; k++) trips.add(1000);
  for (let k = 1; k <= 256; k++) trips.add(k);
  expect(trips.summary()).toEqual({ p50: 128, p95: 244 });
});
