import { describe, expect, test } from 'vitest';
import { makeCubedSphere } from '../../../engine/grid/cubed-sphere.ts';
import { tilesAlongCurve } from '../../../workers/coordinator/curve.ts';
import type { ComputingNode } from '../../../workers/coordinator/placement.ts';
import { SimulatedCluster } from './simulated-cluster.ts';

const grid = makeCubedSphere({ cells: 64, tile: 8, radius: 1, halo: 3 });
const TILES = tilesAlongCurve(grid).map((id) => ({ id, weight: 1 }));
/** Steps of a quarter of a second. */
const EIGHT: readonly ComputingNode[] = [3, 7, 1, 8, 5, 2, 6, 4].map((speed, k) => ({
  id: `node-${k}`,
  speed: 40 * speed,
  availability: 1,
}));
const halved = (id: string): readonly ComputingNode[] =>
  EIGHT.map((node) => (node.id === id ? { ...node, speed: node.speed / 2 } : node));

const NOISE = 0.1;
const HOUR = 3600;

/** Hysteresis of 5 % and the cost of moving leave a step so much longer than the ideal, at most. */
const SETTLED = 1.1;

describe('rebalancing by measured speeds, noise ±10 %', () => {
  test('nothing moves to and fro in an hour', () => {
    const cluster = new SimulatedCluster(TILES, EIGHT, NOISE);
    cluster.run(HOUR);
    expect(cluster.migrations.length).toBeLessThanOrEqual(2);
    expect(cluster.excess()).toBeLessThan(1.05);
  });

  test('a node that slows to half is relieved within ten seconds, and nothing flaps in the hour after', () => {
    for (const slow of EIGHT) {
      const cluster = new SimulatedCluster(TILES, EIGHT, NOISE);
      cluster.run(60);
      cluster.change(halved(slow.id));
      expect(cluster.excess()).toBeGreaterThan(1.5);
      const start = cluster.time;
      cluster.run(10);
      expect(cluster.excess()).toBeLessThan(SETTLED);
      const relieving = cluster.migrations.filter(({ at }) => at > start).length;
      expect(relieving).toBeGreaterThan(0);
      expect(relieving).toBeLessThanOrEqual(3);
      cluster.run(slow.id === 'node-3' ? HOUR : HOUR / 12);
      expect(cluster.migrations.length - relieving).toBeLessThanOrEqual(2);
    }
  });

  test('a node that is itself again gets its share back', () => {
    const cluster = new SimulatedCluster(TILES, halved('node-3'), NOISE);
    cluster.run(60);
    const before = cluster.count('node-3');
    cluster.change(EIGHT);
    cluster.run(10);
    expect(cluster.count('node-3')).toBeGreaterThan(1.5 * before);
    expect(cluster.excess()).toBeLessThan(SETTLED);
  });

  test('nodes that drain, join and are lost: no tile for who is gone, its share for who comes, no flapping', () => {
    const cluster = new SimulatedCluster(TILES, EIGHT, NOISE);
    cluster.run(30);
    const draining = EIGHT.map((node) => (node.id === 'node-1' ? { ...node, availability: 0 } : node));
    cluster.change(draining);
    cluster.decide();
    expect(cluster.count('node-1')).toBe(0);
    cluster.run(30);
    const joined = [...draining, { id: 'node-8', speed: 240, availability: 1 }];
    cluster.change(joined);
    cluster.run(10);
    const rate = joined.reduce((sum, { speed, availability }) => sum + speed * availability, 0);
    expect(cluster.count('node-8') / ((384 * 240) / rate)).toBeGreaterThan(0.9);
    const left = joined.filter(({ id }) => id !== 'node-4');
    cluster.change(left);
    cluster.decide();
    expect(cluster.count('node-4')).toBe(0);
    expect(cluster.excess()).toBeLessThan(SETTLED);
    const settled = cluster.migrations.length;
    cluster.run(HOUR / 6);
    expect(cluster.migrations.length - settled).toBeLessThanOrEqual(2);
  });
});
