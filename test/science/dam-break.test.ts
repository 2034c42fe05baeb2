import { describe, expect, it } from 'vitest';
import { makePlane } from '../../engine/grid/plane.ts';
import { advance, DEEP, laboratory } from './laboratory.ts';

const GRAVITY = 9.80616;
const HIGH = 10;
const LENGTH = 2000;
const DAM = LENGTH / 2;
const DURATION = 40;
const CELERITY = Math.sqrt(GRAVITY * HIGH);

type Depth = (x: number) => number;

/** Ritter (1892): a dam before a dry bed; the water is (2c − x/t)²/9g deep. */
const ritter: Depth = (x) => {
  const speed = (x - DAM) / DURATION;
  if (speed < -CELERITY) return HIGH;
  return speed < 2 * CELERITY ? (2 * CELERITY - speed) ** 2 / (9 * GRAVITY) : 0;
};

/** Stoker (1957): a dam before shallower water; between rarefaction and bore lies water of one depth. */
function stoker(low: number): { depth: Depth; bore: number } {
  let [least, most] = [low, HIGH];
  for (let k = 0; k < 100; k++) {
    const middle = 0.5 * (least + most);
    const behindRarefaction = 2 * (CELERITY - Math.sqrt(GRAVITY * middle));
    const behindBore = (middle - low) * Math.sqrt((GRAVITY * (middle + low)) / (2 * middle * low));
    if (behindRarefaction > behindBore) least = middle;
    else most = middle;
  }
  const speed = 2 * (CELERITY - Math.sqrt(GRAVITY * least));
  const bore = (least * speed) / (least - low);
  return {
    bore,
    depth: (x) => {
      const at = (x - DAM) / DURATION;
      if (at < -CELERITY) return HIGH;
      if (at < speed - Math.sqrt(GRAVITY * least)) return (2 * CELERITY - at) ** 2 / (9 * GRAVITY);
      return at < bore ? least : low;
    },
  };
}

/** Depths along the channel when the time is up; the channel runs along x or y. */
async function breakDam(along: 'x' | 'y', cells: number, low: number, courant: number, thinDepth: number) {
  const width = LENGTH / cells;
  const [cellsX, cellsY] = along === 'x' ? [cells, 4] : [4, cells];
  const steps = Math.ceil((DURATION * CELERITY) / (courant * width));
  const channel = await laboratory({
    grid: makePlane({
      cellsX,
      cellsY,
      tileX: cellsX,
      tileY: cellsY,
      sizeX: cellsX * width,
      sizeY: cellsY * width,
      boundary: along === 'x' ? { x: 'wall', y: 'periodic' } : { x: 'periodic', y: 'wall' },
      halo: 3,
    }),
    bed: () => 0,
    surface: (x, y) => ((along === 'x' ? x : y) < DAM ? HIGH : low),
    timeStep: DURATION / steps,
    settings: { thinDepth },
  });
  await advance(channel, steps);
  const surface = channel.run.read('surface')[0]!;
  const depth = Float64Array.from({ length: cells }, (_, k) => surface[along === 'x' ? k : k * 4]!);
  return { depth, width, drift: Math.abs(channel.massRelativeDrift()) };
}

/** Mean distance from the exact depths, relative to the mean depth. */
function distance(depth: Float64Array, width: number, exact: Depth): number {
  let sum = 0;
  let whole = 0;
  depth.forEach((h, i) => {
    let mean = 0;
    for (let k = 0; k < 8; k++) mean += exact((i + (k + 0.5) / 8) * width) / 8;
    sum += Math.abs(h - mean);
    whole += mean;
  });
  return sum / whole;
}

/** Where the water last is as deep as this [m from the dam]. */
function lastAs(depth: Float64Array, width: number, level: number): number {
  let i = depth.length - 1;
  while (depth[i]! < level) i--;
  return (i + 0.5 + (depth[i]! - level) / (depth[i]! - depth[i + 1]!)) * width - DAM;
}

describe.each(['x', 'y'] as const)('a dam breaks along %s', (along) => {
  it('over a dry bed: Ritter’s parabola, its front within 1 %', async () => {
    // The front runs at 2c: the step must let it out of a cell, so a Courant number of the still water of 0.2.
    const { depth, width, drift } = await breakDam(along, 400, 0, 0.2, 10);
    expect(distance(depth, width, ritter)).toBeLessThan(0.002);
    // As deep as 5 % of the dam: at (2c − 3 √(g h)) t. Water under 1 % of the thin depth, here the dam's, is slowed.
    const front = (2 * CELERITY - 3 * Math.sqrt(GRAVITY * 0.05 * HIGH)) * DURATION;
    expect(Math.abs(lastAs(depth, width, 0.05 * HIGH) / front - 1)).toBeLessThan(0.01);
    expect(Math.max(...depth)).toBeLessThan(HIGH * (1 + 2e-3));
    expect(Math.min(...depth)).toBeGreaterThanOrEqual(0);
    expect(drift).toBeLessThan(1e-14);
  });

  it('over a tenth of its depth: Stoker’s bore at its speed within 0.5 %, without waves behind it', async () => {
    const { depth: exact, bore } = stoker(1);
    const { depth, width, drift } = await breakDam(along, 400, 1, 0.35, 20);
    expect(distance(depth, width, exact)).toBeLessThan(0.002);
    const height = 0.5 * (exact(DAM + (bore - 0.1) * DURATION) + 1);
    expect(Math.abs(lastAs(depth, width, height) / (bore * DURATION) - 1)).toBeLessThan(0.005);
    const rises = depth.map((h, i) => (i > 0 ? h - depth[i - 1]! : 0));
    expect(Math.max(...rises)).toBeLessThan(0.02);
    expect(drift).toBeLessThan(1e-14);
  });
});

it('the flow of a dam break converges to Ritter’s', async () => {
  const [coarse, fine] = [
    await breakDam('x', DEEP ? 400 : 100, 0, 0.2, 10),
    await breakDam('x', DEEP ? 1600 : 400, 0, 0.2, 10),
  ];
  // Where it bends, and at the front, a wave is of first order at best: four times the cells.
  expect(distance(coarse.depth, coarse.width, ritter) / distance(fine.depth, fine.width, ritter)).toBeGreaterThan(2.5);
});
