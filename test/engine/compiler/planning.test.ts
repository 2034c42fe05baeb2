import { describe, expect, test } from 'vitest';
import { KernelError, type KernelErrorTag } from '../../../engine/compiler/kernel-error.ts';
import { layOutTile, type Override, type Pipeline, type Stage } from '../../../engine/compiler/pipeline.ts';
import { planPipeline } from '../../../engine/compiler/plan.ts';
import { type Kernel, kernel } from '../../../engine/kernels/kernel.ts';

const layout = layOutTile('float64', 12, 8, 2, [
  { name: 'eta', shape: 'cell' },
  { name: 'next', shape: 'cell' },
  { name: 'side', shape: 'column' },
  { name: 'line', shape: 'row' },
]);
const strips = layOutTile('float64', 12, 1, 2, [
  { name: 'edge', shape: 'column' },
  { name: 'tall', shape: 'row' },
]);

/** q(di, dj) read into r. */
const shift = (di: number, dj: number): Kernel => ({
  name: `shift${di},${dj}`,
  reads: ['q'],
  writes: ['r'],
  params: [],
  body: new Function('return ({ q }) => ({ r: q(DI, DJ) })'.replace('DI', `${di}`).replace('DJ', `${dj}`))(),
});
const move = (di: number, dj: number, q: string, r: string): Stage => ({ kernel: shift(di, dj), bind: { q, r } });
const difference = kernel({
  name: 'difference',
  reads: ['q'],
  writes: ['r'],
  params: [],
  body: ({ q }) => ({ r: q(1, 0) - q(0, 0) + (q(0, 1) - q(0, 0)) }),
});
const sum = kernel({
  name: 'sum',
  reads: ['u', 'v'],
  writes: ['r'],
  params: [],
  body: ({ u, v }) => ({ r: u(0, 0) + v(0, 0) }),
});

const pipeline = (stages: readonly Stage[], more: Partial<Pipeline> = {}): Pipeline => ({
  name: 'plan',
  stages,
  ...more,
});
const plan = (stages: readonly Stage[], more?: Partial<Pipeline>) => planPipeline(pipeline(stages, more), layout);

describe('ranges follow from offsets', () => {
  test('a transient is computed just where it is read', () => {
    const { transients } = plan([
      { kernel: difference, bind: { q: 'eta', r: 'flux' } },
      { kernel: difference, bind: { q: 'flux', r: 'next' } },
    ]);
    expect(transients.get('flux')).toEqual({ x0: 0, x1: 13, y0: 0, y1: 9 });
  });

  test('columns and rows are read inside the halo whatever the other offset says', () => {
    expect(() => plan([move(2, -7, 'side', 'next')])).not.toThrow();
    expect(() => plan([move(9, 2, 'line', 'next')])).not.toThrow();
    expect(() => plan([move(3, 0, 'side', 'next')])).toThrow(/3 cells outside the tile/);
    expect(() => plan([move(0, 3, 'line', 'next')])).toThrow(/3 cells outside the tile/);
  });

  test('a stage that writes a field and a wider transient works on both ranges', () => {
    const both = kernel({
      name: 'both',
      reads: ['q'],
      writes: ['r', 's'],
      params: [],
      body: ({ q }) => ({ r: q(0, 0), s: q(1, 0) }),
    });
    const { stages } = plan([{ kernel: both, bind: { q: 'eta', r: 'wide', s: 'next' } }, move(1, 1, 'wide', 'eta')]);
    expect(stages.map(({ box, outputs }) => [box.x1, box.y1, ...outputs.map(({ field }) => field)])).toEqual([
      [13, 9, 'wide'],
      [12, 8, 'next'],
      [12, 8, 'eta'],
    ]);
  });

  test('results that nobody needs are dropped', () => {
    const two = kernel({
      name: 'two',
      reads: ['q'],
      writes: ['r', 's'],
      params: [],
      body: ({ q }) => ({ r: q(0, 0), s: q(9, 9) }),
    });
    const { stages, transients } = plan([{ kernel: two, bind: { q: 'eta', r: 'next' } }]);
    expect(stages[0]!.outputs.map(({ field }) => field)).toEqual(['next']);
    expect(transients.size).toBe(0);
  });
});

describe('rows run in a wavefront', () => {
  test('a stage waits for the rows that it reads, and rings hold no more than these', () => {
    const { sweep, rings } = plan([
      move(0, 0, 'eta', 'a'),
      { kernel: difference, bind: { q: 'a', r: 'b' } },
      move(0, -1, 'b', 'next'),
    ]);
    expect(sweep.map(({ delay }) => delay)).toEqual([0, 1, 0]);
    expect(rings.map(({ rows }) => rows)).toEqual([2, 1]);
  });

  test('a stage that reads fields alone runs as late as it may', () => {
    const { sweep, rings } = plan([
      move(0, 0, 'eta', 'a'),
      move(0, 0, 'eta', 'b'),
      { kernel: difference, bind: { q: 'b', r: 'c' } },
      { kernel: sum, bind: { u: 'a', v: 'c', r: 'next' } },
    ]);
    expect(sweep.map(({ delay }) => delay)).toEqual([1, 0, 1, 1]);
    expect(rings.map(({ rows }) => rows)).toEqual([1, 2, 1]);
  });

  test('a field is overwritten only when its old rows have been read', () => {
    const { sweep } = plan([move(0, -2, 'eta', 'a'), { kernel: sum, bind: { u: 'a', v: 'a', r: 'eta' } }]);
    expect(sweep.map(({ delay }) => delay)).toEqual([0, 2]);
  });

  test('scratch grows with the width of a tile, not with its area', () => {
    const scratchOf = (cells: number) =>
      planPipeline(
        pipeline([
          { kernel: difference, bind: { q: 'eta', r: 'flux' } },
          { kernel: difference, bind: { q: 'flux', r: 'next' } },
        ]),
        layOutTile('float64', cells, cells, 2, [...layout.fields.values()]),
      ).scratchBytes;
    expect(scratchOf(512)).toBeLessThan(10_000);
    expect(scratchOf(512) / scratchOf(256)).toBeLessThan(2.1);
  });
});

const override = (more: Partial<Override>): Partial<Pipeline> => ({
  stripLayout: strips,
  overrides: [{ transient: 'a', side: 'west', from: 'edge', ...more }],
});
const twoSteps = [move(0, 0, 'eta', 'a'), move(0, 0, 'a', 'next')];
const single = layOutTile('float32', 12, 1, 2, [{ name: 'edge', shape: 'column' }]);
const short = layOutTile('float64', 4, 1, 2, [{ name: 'edge', shape: 'column' }]);

const REFUSED: readonly [string, readonly Stage[], Partial<Pipeline>, KernelErrorTag, RegExp][] = [
  [
    'a stencil wider than the halo',
    [move(-3, 0, 'eta', 'next')],
    {},
    'OutsideHalo',
    /kernel shift-3,0: eta\(-3, 0\) is read 3 cells outside the tile, whose halo is 2\. Widen the halo to 3/,
  ],
  [
    'a stencil too wide through a transient',
    [move(0, 2, 'eta', 'a'), move(0, 1, 'a', 'next')],
    {},
    'OutsideHalo',
    /3 cells outside/,
  ],
  [
    'an unknown field',
    [move(0, 0, 'etta', 'next')],
    {},
    'StageOrder',
    /reads etta, which is no field of the layout and no earlier stage writes/,
  ],
  [
    'a transient read before it is written',
    [move(0, 0, 'a', 'next'), move(0, 0, 'eta', 'a')],
    {},
    'StageOrder',
    /no earlier stage writes/,
  ],
  ['a transient that its own stage reads', [move(0, 0, 'a', 'a')], {}, 'StageOrder', /written by this very stage/],
  [
    'a transient with two writers',
    [move(0, 0, 'eta', 'a'), move(1, 0, 'eta', 'a'), move(0, 0, 'a', 'next')],
    {},
    'StageOrder',
    /which stage 1 \(shift0,0\) has written/,
  ],
  [
    'a stage for nothing',
    [move(0, 0, 'eta', 'a'), move(0, 0, 'eta', 'next')],
    {},
    'StageOrder',
    /nothing needs its results \(a\)/,
  ],
  [
    'a new value beside the cell',
    [move(0, 0, 'eta', 'next'), move(1, 0, 'next', 'eta')],
    {},
    'StageOrder',
    /reads next\(1, 0\), which kernel shift0,0 writes earlier/,
  ],
  [
    'a new value in the ghosts',
    [move(0, 0, 'eta', 'next'), move(0, 0, 'next', 'a'), move(1, 0, 'a', 'eta')],
    {},
    'StageOrder',
    /on ghosts too, where there is no new value/,
  ],
  [
    'an update in place from the west',
    [move(-1, 0, 'eta', 'eta')],
    {},
    'StageOrder',
    /writes eta and reads eta\(-1, 0\), which it has overwritten by then\. Write to a transient/,
  ],
  ['an update in place from the east', [move(1, 0, 'eta', 'eta')], {}, 'StageOrder', /which it has overwritten/],
  ['an update in place from the south', [move(0, -1, 'eta', 'eta')], {}, 'StageOrder', /which it has overwritten/],
  [
    'two results in one field',
    [
      {
        kernel: { ...shift(0, 0), writes: ['r', 's'], body: ({ q }) => ({ r: q!(0, 0), s: 1 }) },
        bind: { q: 'eta', r: 'next', s: 'next' },
      },
    ],
    {},
    'BadBinding',
    /two results go to next/,
  ],
  [
    'a binding of a name that is not there',
    [{ kernel: shift(0, 0), bind: { q: 'eta', r: 'next', z: 'next' } }],
    {},
    'BadBinding',
    /bind names z, which the kernel neither reads nor writes/,
  ],
  [
    'a column that is written',
    [move(0, 0, 'eta', 'side')],
    {},
    'BadBinding',
    /side is a column field and cannot be written/,
  ],
  ['a maximum of nothing', [move(0, 0, 'eta', 'next')], { maximum: 'speed' }, 'BadMaximum', /maximum names speed/],
  [
    'an override of nothing',
    twoSteps,
    override({ transient: 'b' }),
    'BadOverride',
    /no stage computes such a transient/,
  ],
  [
    'an override from nowhere',
    twoSteps,
    override({ from: 'nothing' }),
    'BadOverride',
    /nothing is no column or cell field/,
  ],
  ['an override from a row', twoSteps, override({ from: 'tall' }), 'BadOverride', /tall is no column or cell field/],
  [
    'an override of a line that is not computed',
    twoSteps,
    override({ side: 'east' }),
    'BadOverride',
    /line 12 is not computed/,
  ],
  ['an override without strips', twoSteps, { overrides: override({}).overrides! }, 'BadOverride', /no stripLayout/],
  ['an override on no side', twoSteps, override({ side: 'up' as 'west' }), 'BadOverride', /there is no side up/],
  [
    'strips of another precision',
    twoSteps,
    { ...override({}), stripLayout: single },
    'BadOverride',
    /the strips are float32, the tile float64/,
  ],
  [
    'strips that are too short',
    twoSteps,
    { ...override({}), stripLayout: short },
    'BadOverride',
    /strips hold 4 faces, the side has 8/,
  ],
];

describe('what cannot be planned is refused, with the cure', () => {
  test.each(REFUSED)('%s', (_, stages, more, tag, message) => {
    let error: unknown;
    try {
      plan(stages, more);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(KernelError);
    expect((error as KernelError).message).toMatch(message);
    expect((error as KernelError).tag).toBe(tag);
  });

  test('an update in place from rows further on, or from the cell itself, is sound', () => {
    expect(() => plan([move(-2, 1, 'eta', 'eta')])).not.toThrow();
    expect(() => plan([move(0, 0, 'eta', 'eta')])).not.toThrow();
  });
});
