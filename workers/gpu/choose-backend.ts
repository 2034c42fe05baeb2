import { type AdapterFacts, adapterName, type ComputeDevice } from '../../engine/backends/webgpu/compute-device.ts';
import { stepOnDevice } from '../../engine/backends/webgpu/step-on-device.ts';
import { Simulation, type SimulationOptions } from '../../engine/simulation/simulation.ts';
import {
  type BackendChoice,
  choiceOf,
  type Deviation,
  judge,
  TOLERANCE,
  type Trial,
  ULP,
} from '../run/backend-choice.ts';
import { startThreads } from '../threads/thread-pool.ts';

/** A device that might compute a run; one in disguise is not even opened. */
export interface DeviceCandidate {
  readonly adapter: AdapterFacts;
  readonly open: () => Promise<ComputeDevice>;
}

/** Steps after which states are compared, steps between looks at the clock, and how long that goes on [ms]. */
const COMPARED = 8;
const STRIDE = 4;
const TRIED = 1000;

type Fields = ReadonlyMap<string, readonly ArrayLike<number>[]>;

interface Attempt {
  readonly speed: number;
  readonly start: Fields;
  readonly state: Fields;
}

const prognostic = ({ model }: SimulationOptions): readonly string[] =>
  model.fields.filter(({ role }) => role === 'prognostic').map(({ name }) => name);

async function fieldsOf(simulation: Simulation): Promise<Fields> {
  const names = prognostic(simulation.options);
  await simulation.fetch(names);
  return new Map(names.map((name) => [name, simulation.run.read(name).map((panel) => panel.slice())]));
}

/** Computes the first steps of a run, and then goes on for a second. Throws what the stepper does, CellFailed. */
async function attempt(
  options: SimulationOptions,
  steps: number,
  begin: NonNullable<Parameters<typeof Simulation.start>[1]>,
  now: () => number,
): Promise<Attempt> {
  // A tile at rest says nothing of how fast one is that works.
  const simulation = await Simulation.start({ ...options, skipRest: false }, begin);
  try {
    const start = await fieldsOf(simulation);
    const reach = async (step: number): Promise<void> => {
      const { outcome } = await simulation.advanceTo(step);
      if (outcome !== 'done') throw new Error(`CellFailed: ${outcome} at step ${simulation.step}`);
    };
    await reach(Math.min(COMPARED, Math.ceil(steps / 2)));
    const state = await fieldsOf(simulation);
    const before = simulation.work.computed;
    const began = now();
    while (simulation.step < steps && now() - began < TRIED) await reach(Math.min(steps, simulation.step + STRIDE));
    const { tileX, tileY } = options.grid;
    const updates = (simulation.work.computed - before) * tileX * tileY;
    return { speed: (1000 * updates) / (now() - began), start, state };
  } finally {
    await simulation.close();
  }
}

/** How far each field of a device is from the processor's. */
function deviationsOf(found: Fields, { start, state }: Attempt): readonly Deviation[] {
  return [...state].map(([field, expected]) => {
    let [moved, largest, furthest, squares, cells] = [0, 0, 0, 0, 0];
    expected.forEach((panel, p) => {
      const [at, from] = [found.get(field)![p]!, start.get(field)![p]!];
      for (let cell = 0; cell < panel.length; cell++) {
        const difference = Math.abs(at[cell]! - panel[cell]!);
        moved = Math.max(moved, Math.abs(panel[cell]! - from[cell]!));
        largest = Math.max(largest, Math.abs(panel[cell]!));
        // Comparisons with what is not a number are false: it is to be seen.
        furthest = difference <= furthest ? furthest : difference;
        squares += difference ** 2;
      }
      cells += panel.length;
    });
    const allowed = ({ share, ulps }: { readonly share: number; readonly ulps: number }): number =>
      share * moved + ulps * ULP * largest;
    return {
      field,
      furthest,
      rms: Math.sqrt(squares / cells),
      allowed: { furthest: allowed(TOLERANCE.furthest), rms: allowed(TOLERANCE.rms) },
    };
  });
}

/**
 * Who computes a run fastest: tries the processor and each device for about a second on the run's own first steps. A device
 * that is the processor in disguise is not tried, and one whose results differ by more than the tolerance is refused.
 * Options are those of the processor. Throws what the processor's steps do.
 */
export async function chooseBackend(
  options: SimulationOptions,
  steps: number,
  devices: readonly DeviceCandidate[],
  now: () => number,
): Promise<BackendChoice> {
  const threads = `${options.threads} ${options.threads === 1 ? 'thread' : 'threads'}`;
  const processor = await attempt(options, steps, startThreads, now);
  const trials: Trial[] = [{ backend: 'wasm', on: threads, speed: processor.speed }];
  for (const { adapter, open } of devices) {
    const on = adapterName(adapter);
    const base = { backend: 'webgpu', on } as const;
    if (adapter.software) {
      trials.push({ ...base, refused: `${on} draws on the processor` });
      continue;
    }
    let device: ComputeDevice | undefined;
    try {
      const opened = await open();
      device = opened;
      const layout: SimulationOptions = { ...options, form: 'wgsl', threads: 1, shared: false };
      const { speed, state } = await attempt(layout, steps, (run) => stepOnDevice(run, opened), now);
      trials.push({ ...base, speed, ...judge(deviationsOf(state, processor)) });
    } catch (error) {
      trials.push({ ...base, refused: error instanceof Error ? error.message : String(error) });
    } finally {
      device?.close();
    }
  }
  return choiceOf(trials);
}
