import { BufferAttribute, BufferGeometry, DynamicDrawUsage } from 'three';
import { PANEL_AXES } from '../../engine/grid/panels.ts';
import { LARGEST_CODE, MISSING } from '../../workers/protocol/frame.ts';
import type { DecodedFrame } from '../stream/decoded-frame.ts';
import type { Vector } from './projection.ts';

const PARTICLES = 2400;
/** Segments of a trail. */
const TRAIL = 8;
/** Seconds that a particle lives at most, and how far the fastest goes in one [radians]. */
const LIFE = 5;
const FASTEST = 0.16;
/** Slower than this share of the fastest, a particle is as good as at rest, and begins elsewhere. */
const STILL = 0.01;

/** Numbers from 0 to below 1, the same in every browser and every test (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Value of a frame in the cell that a direction lies in; NaN where it has none. */
function cellValue(frame: DecodedFrame, [x, y, z]: Vector): number {
  const { cellsX: cells, tileX: tile, layerX: layer, low, high, codes } = frame;
  const [a, b, c] = [Math.abs(x), Math.abs(y), Math.abs(z)];
  const panel = c > a && c > b ? (z > 0 ? 4 : 5) : a >= b ? (x > 0 ? 0 : 2) : y > 0 ? 1 : 3;
  const axes = PANEL_AXES[panel]!;
  const along = (axis: readonly number[]) => axis[0]! * x + axis[1]! * y + axis[2]! * z;
  const out = along(axes[0]);
  const at = (axis: readonly number[]) =>
    Math.max(0, Math.min(cells - 1, Math.floor((Math.atan(along(axis) / out) / (Math.PI / 2) + 0.5) * cells)));
  const [i, j] = [at(axes[1]), at(axes[2])];
  const across = cells / tile;
  const [ti, tj] = [Math.floor(i / tile), Math.floor(j / tile)];
  const code =
    codes[(((panel * across + tj) * across + ti) * layer + (j - tj * tile) + 1) * layer + (i - ti * tile) + 1]!;
  return code === MISSING ? Number.NaN : low + (code * (high - low)) / LARGEST_CODE;
}

/**
 * Particles that drift with the flow, with trails that stay where they were on the globe however it is turned. Positions
 * are unit vectors, so poles are places like any other.
 */
export class Particles {
  readonly geometry = new BufferGeometry();
  readonly #random = sequence(20110311);
  readonly #positions = new Float32Array(PARTICLES * TRAIL * 6);
  readonly #others = new Float32Array(PARTICLES * TRAIL * 6);
  readonly #strengths = new Float32Array(PARTICLES * TRAIL * 2);
  readonly #heads: Vector[] = [];
  readonly #ages = new Float32Array(PARTICLES);
  /** Where the next segment of every trail goes. */
  #next = 0;
  #east: DecodedFrame | undefined;
  #north: DecodedFrame | undefined;

  constructor() {
    for (const [name, array, size] of [
      ['position', this.#positions, 3],
      ['other', this.#others, 3],
      ['strength', this.#strengths, 1],
    ] as const) {
      const attribute = new BufferAttribute(array, size);
      attribute.setUsage(DynamicDrawUsage);
      this.geometry.setAttribute(name, attribute);
    }
    for (let k = 0; k < PARTICLES; k++) {
      this.#heads.push(this.#anywhere());
      this.#ages[k] = this.#random() * LIFE;
    }
  }

  /** Velocities to the east and north [m/s]. */
  follow(east: DecodedFrame, north: DecodedFrame): void {
    this.#east = east;
    this.#north = north;
  }

  #anywhere(): Vector {
    const z = 2 * this.#random() - 1;
    const turn = 2 * Math.PI * this.#random();
    const radius = Math.sqrt(1 - z * z);
    return [radius * Math.cos(turn), radius * Math.sin(turn), z];
  }

  /** Moves all of them for so many seconds of the clock on the wall. */
  advance(seconds: number): void {
    const [east, north] = [this.#east, this.#north];
    if (!east || !north) return;
    const fastest = Math.max(Math.abs(east.low), Math.abs(east.high), Math.abs(north.low), Math.abs(north.high), 1e-12);
    this.#next = (this.#next + 1) % TRAIL;
    for (let k = 0; k < PARTICLES; k++) {
      const from = this.#heads[k]!;
      const [u, v] = [cellValue(east, from) / fastest, cellValue(north, from) / fastest];
      const speed = Math.sqrt(u * u + v * v);
      this.#ages[k]! += seconds;
      const slot = k * TRAIL + this.#next;
      if (!(speed > STILL) || this.#ages[k]! > LIFE) {
        this.#heads[k] = this.#anywhere();
        this.#ages[k] = this.#random() * LIFE * 0.5;
        this.#put(slot, from, from, 0);
        continue;
      }
      // Slow water is seen to move too: its step grows with the root of its speed.
      const step = (FASTEST * seconds) / Math.sqrt(speed);
      const to = moved(from, u * step, v * step);
      this.#put(slot, from, to, Math.min(1, 0.25 + speed ** 0.5));
      this.#heads[k] = to;
    }
    // Trails fade from their heads.
    for (let k = 0; k < PARTICLES; k++)
      for (let back = 1; back < TRAIL; back++) {
        const slot = k * TRAIL + ((this.#next - back + TRAIL) % TRAIL);
        this.#strengths[2 * slot]! *= 0.8;
        this.#strengths[2 * slot + 1]! *= 0.8;
      }
    for (const name of ['position', 'other', 'strength']) this.geometry.getAttribute(name).needsUpdate = true;
  }

  #put(slot: number, from: Vector, to: Vector, strength: number): void {
    this.#positions.set(from, 6 * slot);
    this.#positions.set(to, 6 * slot + 3);
    this.#others.set(to, 6 * slot);
    this.#others.set(from, 6 * slot + 3);
    this.#strengths[2 * slot] = strength * 0.8;
    this.#strengths[2 * slot + 1] = strength;
  }
}

/** A point of the unit sphere moved to the east and north [radians]. */
function moved([x, y, z]: Vector, east: number, north: number): Vector {
  const horizontal = Math.max(1e-6, Math.sqrt(x * x + y * y));
  const [ex, ey] = [-y / horizontal, x / horizontal];
  // North is the place × east.
  const p = x + east * ex - north * z * ey;
  const q = y + east * ey + north * z * ex;
  const r = z + north * horizontal;
  const size = Math.sqrt(p * p + q * q + r * r);
  return [p / size, q / size, r / size];
}
