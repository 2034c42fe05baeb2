import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, test } from 'vitest';
import { ComputeDevice } from '../../../../engine/backends/webgpu/compute-device.ts';
import { stepOnDevice } from '../../../../engine/backends/webgpu/step-on-device.ts';
import { Simulation } from '../../../../engine/simulation/simulation.ts';
import type { PreparedRun } from '../../../../workers/run/prepare.ts';
import { type Experiment, laboratory, largest, sphere } from '../../../science/laboratory.ts';
import { prepareSmall, writeSmallOcean } from '../../../workers/run/small-ocean.ts';
import { compareRuns, type ExperimentName } from '../experiments.ts';
import { expectRest, expectRun, FURTHEST, MASS, ROOT_MEAN_SQUARE } from '../verdicts.ts';
import { openAdapter, openDevice, webgpuTier } from './device.ts';

const DEEP = process.env.TERRELLA_DEPTH === 'deep';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

/** The same run on the processor and on a device. */
const both = async (prepared: PreparedRun, gpu: ComputeDevice): Promise<readonly [Simulation, Simulation]> => [
  await Simulation.start(prepared.options),
  await Simulation.start({ ...prepared.options, form: 'wgsl' }, (run) => stepOnDevice(run, gpu)),
];

type Panels = readonly ArrayLike<number>[];

/** Largest difference and its root mean square, in units of `size`. */
function differences(found: Panels, expected: Panels, size: number) {
  let [furthest, sum, cells] = [0, 0, 0];
  found.forEach((panel, p) => {
    for (let cell = 0; cell < panel.length; cell++) {
      const difference = Math.abs(panel[cell]! - expected[p]![cell]!) / size;
      if (!(difference <= furthest)) furthest = difference;
      sum += difference * difference;
      cells++;
    }
  });
  return { furthest, rms: Math.sqrt(sum / cells) };
}

/** Holds a device's fields against the processor's: those of the state, and what steps keep beside it. */
async function expectAgreement(device: Simulation, processor: Simulation, start: Readonly<Record<string, Panels>>) {
  await device.fetch();
  const said: string[] = [];
  for (const { name, role } of device.options.model.fields) {
    if (role !== 'prognostic' && role !== 'diagnostic') continue;
    const [found, expected] = [device.run.read(name), processor.run.read(name)];
    const moved = largest(expected, start[name]);
    // On a plane nothing moves along the third axis.
    if (device.options.grid.kind === 'plane' && name === 'momentumZ') expect(moved).toBe(0);
    else expect(moved, `${name} moves`).toBeGreaterThan(0);
    const { furthest, rms } = differences(found, expected, moved || 1);
    expect(furthest, name).toBeLessThan(FURTHEST);
    expect(rms, name).toBeLessThan(ROOT_MEAN_SQUARE);
    said.push(`${name} ${furthest.toPrecision(2)}`);
  }
  const mass = device.massRelativeDrift().toExponential(1);
  console.log(`step ${device.step}: largest differences ${said.join(', ')}; mass ${mass}`);
}

const startOf = (simulation: Simulation): Readonly<Record<string, Panels>> =>
  Object.fromEntries(simulation.state().map(({ name, panels }) => [name, panels]));

webgpuTier('whole runs on a device', () => {
  // Shaders that one test has compiled serve the next.
  let shared: Promise<ComputeDevice> | undefined;
  const device = () => {
    shared ??= openDevice();
    return shared;
  };

  /** The same experiment on the processor and on a device. */
  async function experiments(experiment: Experiment, transientBytes?: number) {
    const gpu = await device();
    const processor = await laboratory({ ...experiment, precision: 'float32', skipRest: true });
    return [
      processor,
      await laboratory({
        ...experiment,
        precision: 'float32',
        skipRest: true,
        form: 'wgsl',
        begin: (run) => stepOnDevice(run, gpu, transientBytes === undefined ? {} : { transientBytes }),
      }),
    ] as const;
  }

  test.runIf(DEEP)('the tsunami over continents, shelves and islands that it floods: 100 steps', async () => {
    const bed = (x: number, y: number) => {
      const [a, b] = [(x * Math.PI) / 180, (y * Math.PI) / 180];
      return -100 + 150 * Math.sin(2 * a) * Math.cos(3 * b) + 50 * Math.sin(7 * a + 5 * b);
    };
    const hill = (x: number, y: number) => 300 * Math.exp(-(((x - 40) / 30) ** 2) - ((y - 10) / 30) ** 2);
    const [processor, onDevice] = await experiments(
      {
        grid: sphere(12, 6),
        bed,
        surface: (x, y) => Math.max(hill(x, y), bed(x, y)),
        settings: { rotation: 7.292e-5, manning: 0.025 },
        courant: 0.9,
      },
      // Room for a few of the 24 tiles, so they take turns.
      1,
    );
    const start = startOf(processor);
    const ground = processor.run.read('bed');
    await processor.advanceTo(100);
    expect(await onDevice.advanceTo(100)).toEqual({ outcome: 'done' });
    // On land the largest amplitude is the depth of what flowed there.
    const depths = processor.run
      .read('maximumAmplitude')
      .flatMap((panel, p) => [...panel].filter((_, cell) => start.surface![p]![cell] === ground[p]![cell]));
    expect(depths.filter((depth) => depth > 0.01).length).toBeGreaterThan(10);
    await expectAgreement(onDevice, processor, start);
    expect(Math.abs(onDevice.massRelativeDrift())).toBeLessThan(MASS);
    expect(onDevice.work).toEqual(processor.work);
    await onDevice.close();
  });

  test.each<ExperimentName>(['bowl', 'zonalFlow', 'carried'])('%s: 100 steps', async (name) => {
    const gpu = await device();
    expectRun(name, await compareRuns(name, 100, 'wgsl', (run) => stepOnDevice(run, gpu)));
  });

  test('a sea at rest over land and depths stays at rest, exactly', async () => {
    const gpu = await device();
    const found = await compareRuns('rest', 10, 'wgsl', (run) => stepOnDevice(run, gpu));
    expectRest(found);
    expect(found.work.computed).toBe(found.work.offered);
  });

  describe('an earthquake, a hump, tracers and stations', () => {
    const prepare = async (...set: string[]) => (await prepareSmall(file, ['time.step=240 s', ...set])).prepared;
    // One model for all tests, whose kernels are compiled once.
    let made: Promise<PreparedRun> | undefined;
    const prepareFew = () => {
      made ??= prepare('grid.cells=12', 'grid.tile=12');
      return made;
    };
    const recorded = (simulation: Simulation) => {
      const rows: number[][] = [];
      simulation.onSample = (step, values) => {
        rows[step] = [...values];
      };
      return rows;
    };

    test('disturbances, samples, skipped tiles and books are the processor’s, a pause and a checkpoint in between', async () => {
      const gpu = await device();
      const prepared = await prepare();
      expect(prepared.options.disturbances.length).toBeGreaterThan(1);
      const [processor, onDevice] = await both(prepared, gpu);
      const start = startOf(processor);
      const [due, found] = [recorded(processor), recorded(onDevice)];
      await processor.advanceTo(14);
      const first = onDevice.advanceTo(9);
      onDevice.pause();
      await first;
      expect(onDevice.step).toBeLessThan(9);
      await onDevice.advanceTo(9);
      expect(() => onDevice.save()).toThrow(/FieldAway: surface is newer on the device .* Fetch it first/);
      await onDevice.fetch();
      const saved = onDevice.save();
      await onDevice.close();
      const resumed = await Simulation.start(
        { ...prepared.options, form: 'wgsl' },
        (run) => stepOnDevice(run, gpu),
        saved,
      );
      recorded(resumed);
      resumed.onSample = (step, values) => {
        found[step] = [...values];
      };
      await resumed.advanceTo(14);
      await expectAgreement(resumed, processor, start);
      expect(found.length).toBe(14);
      found.forEach((row, step) => {
        row.forEach((value, k) => {
          expect(Math.abs(value - due[step]![k]!)).toBeLessThan(1e-5);
        });
      });
      expect(Math.max(...due.flat())).toBeGreaterThan(0.1);
      expect(onDevice.work.computed + resumed.work.computed).toBe(processor.work.computed);
      expect(processor.work.computed).toBeLessThan(processor.work.offered);
      expect(Math.abs(resumed.massRelativeDrift())).toBeLessThan(MASS);
      await resumed.close();
    });

    test.each(DEEP ? [1e5, Number.NaN] : [Number.NaN])(
      'a cell that fails with %d stops the run at the same step, and says the same',
      async (amount) => {
        const gpu = await device();
        const prepared = await prepareFew();
        const cells = Uint32Array.of(500);
        const fault = {
          fields: ['surface'],
          lastStep: 3,
          at: (step: number) => (step === 3 ? { cells, amounts: Float64Array.of(amount) } : undefined),
        };
        const [processor, onDevice] = await both(
          { ...prepared, options: { ...prepared.options, disturbances: [fault] } },
          gpu,
        );
        const [due, found] = [await processor.advanceTo(20), await onDevice.advanceTo(20)];
        if (due.outcome !== 'failed' || found.outcome !== 'failed') throw new Error(`${due.outcome}, ${found.outcome}`);
        const { step, tile, panel, i, j } = due.failure;
        expect(step).toBe(4);
        expect(found.failure).toMatchObject({ step, tile, panel, i, j });
        expect(onDevice.step).toBe(processor.step);
        await onDevice.close();
      },
    );

    test('a device that is lost is an error with the cure, and the run goes on from its checkpoint', async () => {
      const gpu = await openDevice();
      const prepared = await prepareFew();
      const options = { ...prepared.options, form: 'wgsl' as const };
      const onDevice = await Simulation.start(options, (run) => stepOnDevice(run, gpu));
      await onDevice.advanceTo(5);
      await onDevice.fetch();
      const saved = onDevice.save();
      const onward = onDevice.advanceTo(40);
      gpu.close();
      await expect(onward).rejects.toThrow(/^DeviceLost: .* Resume from the last checkpoint\.$/);
      await expect(onDevice.fetch()).rejects.toThrow(/^DeviceLost/);
      await onDevice.close();
      const other = await device();
      const resumed = await Simulation.start(options, (run) => stepOnDevice(run, other), saved);
      await resumed.advanceTo(8);
      const processor = await Simulation.start(prepared.options);
      const start = startOf(processor);
      await processor.advanceTo(8);
      await expectAgreement(resumed, processor, start);
      await resumed.close();
    });

    test('a run that does not fit is refused with the figure, the limit and the cure', async () => {
      const adapter = await openAdapter();
      const limits = {
        maxStorageBuffersPerShaderStage: 8,
        maxBufferSize: 2 ** 18,
        maxStorageBufferBindingSize: 2 ** 18,
      };
      const small = { info: adapter.info, limits, features: new Set(), requestDevice: () => adapter.requestDevice() };
      const gpu = await ComputeDevice.open(small as unknown as GPUAdapter);
      const { options } = await prepareFew();
      await expect(Simulation.start({ ...options, form: 'wgsl' }, (run) => stepOnDevice(run, gpu))).rejects.toThrow(
        /^TooLargeForDevice: the 6 tiles of the run take [\d.]+ MiB, .*SwiftShader.* allows 0\.3 MiB in one buffer\. Use fewer cells/,
      );
      gpu.close();
    });

    test(
      `${DEEP ? 2000 : 80} steps in many calls leave heap and buffers as they were`,
      async () => {
        const gpu = await device();
        let held = 0;
        const create = gpu.device.createBuffer.bind(gpu.device);
        gpu.device.createBuffer = (descriptor) => {
          const buffer = create(descriptor);
          const destroy = buffer.destroy.bind(buffer);
          held++;
          buffer.destroy = () => {
            held--;
            return destroy();
          };
          return buffer;
        };
        setFlagsFromString('--expose-gc');
        const collect = runInNewContext('gc') as () => void;
        const { options } = await prepareFew();
        const onDevice = await Simulation.start({ ...options, form: 'wgsl', disturbances: [] }, (run) =>
          stepOnDevice(run, gpu),
        );
        const heap: number[] = [];
        const buffers: number[] = [];
        const part = DEEP ? 500 : 20;
        for (let k = 1; k <= 4; k++) {
          while (onDevice.step < k * part) {
            await onDevice.advanceTo(onDevice.step + 5);
            await onDevice.fetch();
          }
          collect();
          heap.push(process.memoryUsage().heapUsed);
          buffers.push(held);
        }
        console.log(
          `buffers ${buffers.join(' ')}, heap [KiB] ${heap.map((size) => Math.round(size / 1024)).join(' ')}`,
        );
        expect(buffers[0]).toBeGreaterThan(10);
        expect(new Set(buffers).size).toBe(1);
        expect(heap[3]! - heap[1]!).toBeLessThan(64 * 1024);
        await onDevice.close();
        gpu.device.createBuffer = create;
        expect(held).toBe(0);
      },
      DEEP ? 3_600_000 : 60_000,
    );
  });
});
