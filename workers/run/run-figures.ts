import type { CpuRun } from '../../engine/backends/cpu/cpu-run.ts';
import type { Grid } from '../../engine/grid/grid.ts';
import { ExactSum } from '../../engine/math/index.ts';
import { type Layer, layerIntegrals } from '../../engine/models/flow-diagnostics.ts';
import { carriedState } from '../../scenarios/states/carried.ts';
import { isCarried, stateTraits } from '../../scenarios/states/index.ts';
import { TWELVE_DAYS } from '../../scenarios/states/nair-lauritzen.ts';
import type { PreparedRun } from './prepare.ts';

type Panels = readonly (Float64Array | Float32Array)[];

/** Norms of an error relative to the exact field, Williamson et al. (1992) eq. 82–84: I|e|/I|h|, √(I e²/I h²), max|e|/max|h|. */
export interface ErrorNorms {
  readonly l1: number;
  readonly l2: number;
  readonly linf: number;
}

export function errorNorms(grid: Grid, found: Panels, exact: Panels): ErrorNorms {
  const [e1, e2, h1, h2] = [new ExactSum(), new ExactSum(), new ExactSum(), new ExactSum()];
  let largestError = 0;
  let largest = 0;
  for (let panel = 0; panel < grid.panels; panel++) {
    const { area } = grid.geometry(panel);
    for (let cell = 0; cell < area.length; cell++) {
      const expected = exact[panel]![cell]!;
      const error = Math.abs(found[panel]![cell]! - expected);
      e1.addProduct(area[cell]!, error);
      e2.addProduct(area[cell]!, error * error);
      h1.addProduct(area[cell]!, Math.abs(expected));
      h2.addProduct(area[cell]!, expected * expected);
      largestError = Math.max(largestError, error);
      largest = Math.max(largest, Math.abs(expected));
    }
  }
  return {
    l1: e1.value() / h1.value(),
    l2: Math.sqrt(e2.value() / h2.value()),
    linf: largestError / largest,
  };
}

/** Figures of a run that only some equations have. */
export interface RunFigures {
  /** Largest displacement of the surface so far (of the ocean's from rest, of the air's from its start) [m]. */
  readonly maximumAmplitude: number;
  readonly maximumSpeed: number;
  readonly energyRelativeDrift?: number;
  /** Of the potential enstrophy. */
  readonly enstrophyRelativeDrift?: number;
  /** Of the surface where the start is a steady solution, of a tracer where a period brings it back. */
  readonly error?: ErrorNorms;
}

const largest = (panels: Panels): number => {
  let found = 0;
  for (const panel of panels) for (let k = 0; k < panel.length; k++) if (panel[k]! > found) found = panel[k]!;
  return found;
};

/** Whether tracers are back where they started. */
const isAfterPeriods = (seconds: number): boolean => {
  const periods = seconds / TWELVE_DAYS;
  return periods > 0.5 && Math.abs(periods - Math.round(periods)) < 1e-9;
};

/** What the air's present state comes to beside its start; the ocean keeps running extremes. */
export function runFigures(
  run: CpuRun,
  prepared: Pick<PreparedRun, 'scenario' | 'grid' | 'options' | 'steps'>,
): RunFigures {
  const { scenario, grid, options, steps } = prepared;
  if (scenario.model.equations === 'tsunami') {
    return {
      maximumAmplitude: largest(run.read('maximumAmplitude')),
      maximumSpeed: largest(run.read('maximumSpeed')),
    };
  }
  const settings = scenario.initial.state!;
  if (isCarried(settings)) {
    const { judged, wind } = carriedState(settings);
    const [found, exact] = [run.read(judged), options.fields[judged] as Panels];
    return {
      maximumAmplitude: largest(found.map((panel, p) => panel.map((q, cell) => Math.abs(q - exact[p]![cell]!)))),
      maximumSpeed: wind.fastest,
      ...(isAfterPeriods(run.options.timeStep * steps) ? { error: errorNorms(grid, found, exact) } : {}),
    };
  }
  const state = stateTraits(settings);
  const start = options.fields as Readonly<Record<string, Panels>>;
  const layerOf = (read: (name: string) => Panels): Layer => ({
    surface: read('surface'),
    bed: read('bed'),
    momentum: [read('momentumX'), read('momentumY'), read('momentumZ')],
  });
  const now = layerOf((name) => run.read(name));
  const [rx, ry, rz] = state.rotation;
  const integralsOf = (layer: Layer) =>
    layerIntegrals(grid, layer, scenario.model.parameters.gravity, (x, y, z) => 2 * (rx * x + ry * y + rz * z));
  const before = integralsOf(layerOf((name) => start[name]!));
  const after = integralsOf(now);
  return {
    maximumAmplitude: largest(
      now.surface.map((panel, p) => panel.map((eta, cell) => Math.abs(eta - start.surface![p]![cell]!))),
    ),
    maximumSpeed: largest(
      now.surface.map((panel, p) =>
        panel.map((eta, cell) => {
          const [mx, my, mz] = now.momentum.map((component) => component[p]![cell]!) as [number, number, number];
          return Math.sqrt(mx * mx + my * my + mz * mz) / (eta - now.bed[p]![cell]!);
        }),
      ),
    ),
    energyRelativeDrift: after.energy / before.energy - 1,
    enstrophyRelativeDrift: after.potentialEnstrophy / before.potentialEnstrophy - 1,
    ...(state.steady ? { error: errorNorms(grid, now.surface, start.surface!) } : {}),
  };
}
