import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stepHere } from '../../../engine/backends/cpu/stepper.ts';
import { loadNamed } from '../../../workers/cli/load.ts';
import { tryDevice } from '../../../workers/gpu/measure-backends.ts';
import { judgeParity, type Snapshot } from '../../../workers/gpu/parity.ts';
import { runTrial, type Trial, trialOptions } from '../../../workers/gpu/trial.ts';
import { type PreparedRun, prepareRun } from '../../../workers/run/prepare.ts';
import { openDevice, webgpuTier } from '../../engine/backends/webgpu/device.ts';
import { prepareSmall, writeSmallOcean } from '../run/small-ocean.ts';

const DEEP = process.env.TERRELLA_DEPTH === 'deep';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

/** The sea whose first source goes off later, and the steady air, which hardly moves at all. */
const RUNS: readonly (readonly [string, () => Promise<PreparedRun>])[] = [
  ['a sea', async () => (await prepareSmall(file, ['grid.cells=12', 'grid.tile=12', 'time.step=240 s'])).prepared],
  [
    'steady air',
    async () => {
      const set = ['model.precision=float32', 'grid.cells=12', 'grid.tile=12'];
      const { scenario } = await loadNamed('williamson-2', { small: true, set });
      return prepareRun(scenario, { threads: 1, form: 'wasm', skipRest: true, cache: undefined });
    },
  ],
];

const onProcessor = ({ options }: PreparedRun): Promise<Trial> =>
  runTrial(trialOptions(options, 'wasm'), async (run) => stepHere(run), 0.01);

/** A snapshot with one value changed. */
function changed(
  { fields, massRelativeDrift }: Snapshot,
  field: string,
  cell: number,
  by: (value: number) => number,
): Snapshot {
  const panels = fields[field]!.map((panel) => Float64Array.from(panel));
  panels[0]![cell] = by(panels[0]![cell]!);
  return { fields: { ...fields, [field]: panels }, massRelativeDrift };
}

describe.each(RUNS)('a trial of %s', (_, prepare) => {
  test('moves everywhere, takes none of the run’s own sources, and is the same every time', async () => {
    const prepared = await prepare();
    const [a, b] = [await onProcessor(prepared), await onProcessor(prepared)];
    expect(judgeParity(a.after, b.after, a.start, 4)).toMatchObject({ agrees: true, shareOfBound: 0 });
    expect(a.millionCellStagesPerSecond).toBeGreaterThan(0);
    const [before, after] = [a.start.fields.surface!, a.after.fields.surface!];
    const moved = after.flatMap((panel, p) => Array.from(panel, (value, cell) => value !== before[p]![cell]));
    expect(moved.filter(Boolean).length / moved.length).toBeGreaterThan(0.5);
  });

  test('a device that is as far off as a kernel may be agrees; a little farther, or no number, does not', async () => {
    const { start, after } = await onProcessor(await prepare());
    const largest = Math.max(...after.fields.surface!.flatMap((panel) => Array.from(panel, Math.abs)));
    const off = (ulps: number) =>
      judgeParity(
        changed(after, 'surface', 7, (value) => value + ulps * largest * 2 ** -23),
        after,
        start,
        4,
      );
    expect(off(15).agrees).toBe(true);
    expect(off(20_000)).toMatchObject({ agrees: false, worst: 'surface' });
    const nothing = judgeParity(
      changed(after, 'surface', 7, () => Number.NaN),
      after,
      start,
      4,
    );
    expect(nothing).toMatchObject({ agrees: false, worst: 'surface', shareOfBound: Number.POSITIVE_INFINITY });
    const leaking = { ...after, massRelativeDrift: after.massRelativeDrift + 2e-6 };
    expect(judgeParity(leaking, after, start, 4)).toMatchObject({ agrees: false, worst: 'mass' });
  });
});

webgpuTier('a trial on a device', () => {
  // The air's shaders take long to compile.
  test.each(DEEP ? RUNS : RUNS.slice(0, 1))(
    'of %s: a right one agrees, one whose parameters arrive a thousandth off does not',
    async (_, prepare) => {
      const prepared = await prepare();
      const processor = await onProcessor(prepared);
      const gpu = await openDevice();
      const right = await tryDevice(prepared.options, gpu, processor, 0.01);
      expect(right).toMatchObject({ outcome: 'measured', parity: { agrees: true, steps: 4 } });
      expect(right.millionCellStagesPerSecond).toBeGreaterThan(0);
      const { queue } = gpu.device;
      const write = queue.writeBuffer.bind(queue);
      let spoilt = 0;
      queue.writeBuffer = (buffer, offset, content, ...rest) => {
        const isParameters = content instanceof Float32Array;
        if (isParameters) spoilt++;
        return write(buffer, offset, isParameters ? content.map((value) => value * 1.001) : content, ...rest);
      };
      const wrong = await tryDevice(prepared.options, gpu, processor, 0.01);
      queue.writeBuffer = write;
      expect(spoilt).toBeGreaterThan(0);
      expect(wrong.parity!.agrees).toBe(false);
      console.log(
        `a thousandth off: ${wrong.parity!.worst} at ${wrong.parity!.shareOfBound.toPrecision(3)} of its bound`,
      );
    },
  );
});
