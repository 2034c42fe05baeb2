import { adapterName, type ComputeDevice } from '../../engine/backends/webgpu/compute-device.ts';
import { stepOnDevice } from '../../engine/backends/webgpu/step-on-device.ts';
import type { SimulationOptions } from '../../engine/simulation/simulation.ts';
import { startThreads } from '../threads/thread-pool.ts';
import { type BackendChoice, type Candidate, chooseBackend } from './choose-backend.ts';
import { deviceBackend } from './device-backend.ts';
import { openDevice } from './open-device.ts';
import { judgeParity } from './parity.ts';
import { seenAdapters } from './seen-adapters.ts';
import { PARITY_STEPS, runTrial, type Trial, trialOptions } from './trial.ts';

/** How long each candidate is timed [s]. */
const SECONDS = 1;

const PROCESSOR = 'cpu-wasm';

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The processor's trial, which a device's is held against. */
export const tryProcessor = (options: SimulationOptions, seconds = SECONDS): Promise<Trial> =>
  runTrial(trialOptions(options, 'wasm'), startThreads, seconds);

/** How fast a device steps a run's kernels, and whether it agrees with the processor. Throws what the device throws. */
export async function tryDevice(
  options: SimulationOptions,
  gpu: ComputeDevice,
  processor: Trial,
  seconds = SECONDS,
): Promise<Extract<Candidate, { outcome: 'measured' }>> {
  const trial = await runTrial(trialOptions(options, 'wgsl'), (run) => stepOnDevice(run, gpu), seconds);
  return {
    name: deviceBackend(gpu.adapter),
    outcome: 'measured',
    millionCellStagesPerSecond: trial.millionCellStagesPerSecond,
    parity: judgeParity(trial.after, processor.after, processor.start, PARITY_STEPS),
  };
}

/** Why a run is for the processor, whatever devices there are. */
export interface Unfit {
  readonly why: string;
}

const staysHere = (why: string, devices: readonly Candidate[] = []): BackendChoice =>
  chooseBackend({ name: PROCESSOR, outcome: 'left-out', why }, devices);

/**
 * Measures what could compute a run and takes the fastest that agrees with the processor; its device comes back open.
 * Software renderers are not measured. Nothing that a device does wrong ends the run: the processor is always there.
 */
export async function measureBackends(
  options: SimulationOptions,
  unfit?: Unfit,
): Promise<{ readonly choice: BackendChoice; readonly device?: ComputeDevice }> {
  if (unfit) return { choice: staysHere(unfit.why) };
  const seen = await seenAdapters();
  if (!seen.adapters) return { choice: staysHere(`the only one here: of graphics devices ${seen.why} (${seen.cure})`) };
  const leftOut: Candidate[] = seen.adapters
    .filter(({ software }) => software)
    .map((adapter) => ({
      name: deviceBackend(adapter),
      outcome: 'left-out',
      why: 'it draws on the processor, where WebAssembly is faster',
    }));
  const names = new Set(seen.adapters.filter(({ software }) => !software).map(adapterName));
  if (names.size === 0) return { choice: staysHere('no device here is more than the processor', leftOut) };

  let processor: Trial;
  try {
    processor = await tryProcessor(options);
  } catch (error) {
    return { choice: staysHere(`its own trial failed: ${said(error)}`, leftOut) };
  }
  const devices = new Map<string, ComputeDevice>();
  const tried: Candidate[] = [];
  for (const name of names) {
    try {
      const device = await openDevice(name);
      devices.set(deviceBackend(device.adapter), device);
      tried.push(await tryDevice(options, device, processor));
    } catch (error) {
      tried.push({ name: `webgpu: ${name}`, outcome: 'left-out', why: said(error) });
    }
  }
  const { millionCellStagesPerSecond } = processor;
  const choice = chooseBackend({ name: PROCESSOR, outcome: 'measured', millionCellStagesPerSecond }, [
    ...tried,
    ...leftOut,
  ]);
  const device = devices.get(choice.chosen);
  for (const other of devices.values()) if (other !== device) other.close();
  return device ? { choice, device } : { choice };
}
