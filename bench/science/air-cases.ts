import { bilinearTable, sampleBilinear } from '../../engine/grid/bilinear.ts';
import type { Grid } from '../../engine/grid/grid.ts';
import { boxCentres, globalBoxes } from '../../engine/grid/latitude-longitude.ts';
import type { Simulation } from '../../engine/simulation/simulation.ts';
import { errorPlot } from '../../workers/plot/error-plot.ts';
import { worldMap } from '../../workers/plot/world-map.ts';
import { outputField } from '../../workers/run/output-fields.ts';
import { errorNorms, runFigures } from '../../workers/run/run-figures.ts';
import { coarsened, order, type Panels, runScenarioTo, type ScienceCase } from './science-case.ts';

const WILLIAMSON = 'Williamson et al. (1992), J. Comput. Phys. 102, 211–224';
const DAY = 86400;

/** A field on a regular latitude–longitude grid, rows from the south. */
export function regular(grid: Grid, panels: Panels, columns: number): { values: Float64Array; rows: number } {
  const rows = columns / 2;
  const table = bilinearTable(grid, boxCentres(globalBoxes(columns, rows)));
  return { values: sampleBilinear(table, panels, new Float64Array(columns * rows)), rows };
}

/** Error against resolution and against seconds, two plots of the same runs. */
async function errorPlots(
  name: string,
  title: string,
  lines: readonly {
    readonly name: string;
    readonly cells: number[];
    readonly errors: number[];
    readonly seconds: number[];
  }[],
) {
  return [
    {
      name: `${name}-order`,
      title,
      png: await errorPlot({
        title,
        lines: lines.map(({ name: of, cells, errors }) => ({ name: of, resolutions: cells, errors })),
        orders: [4],
        errorLabel: 'l2 error of the surface',
      }),
    },
    {
      name: `${name}-cost`,
      title: `${title}: error against time`,
      png: await errorPlot({
        title: `${title}: error against time`,
        lines: lines.map(({ name: of, seconds, errors }) => ({
          name: of,
          resolutions: seconds.map((value) => Number(value.toPrecision(2))),
          errors,
        })),
        resolutionLabel: 'seconds',
        errorLabel: 'l2 error of the surface',
      }),
    },
  ];
}

const BARS_2: Readonly<Record<number, { readonly l2: number; readonly linf: number }>> = {
  32: { l2: 1e-6, linf: 3e-6 },
  64: { l2: 6e-8, linf: 2e-7 },
  128: { l2: 4e-9, linf: 1e-8 },
};

const williamson2: ScienceCase = {
  name: 'williamson-2',
  title: 'Steady geostrophic flow at an angle, 5 days',
  reference: WILLIAMSON,
  async run(options, report) {
    const lines = [];
    for (const angle of options.quick ? [45] : [45, 0, 90]) {
      const line = {
        name: `axis at ${angle}°`,
        cells: [] as number[],
        errors: [] as number[],
        seconds: [] as number[],
      };
      for (const cells of options.quick ? [16, 32] : angle === 45 ? [16, 32, 64, 128] : [16, 32, 64]) {
        const set = [`grid.cells=${cells}`, `grid.tile=${cells}`, `initial.angle=${angle}`];
        const { prepared, simulation, seconds } = await runScenarioTo('williamson-2', set, options);
        const { error } = runFigures(simulation.run, prepared);
        const resolution = `N = ${cells}, ${angle}°`;
        const bars = BARS_2[cells];
        report({ resolution, figure: 'l2', value: error!.l2, ...(bars ? { bar: { below: bars.l2 } } : {}), seconds });
        report({
          resolution,
          figure: 'l∞',
          value: error!.linf,
          ...(bars ? { bar: { below: bars.linf } } : {}),
          seconds,
        });
        report({
          resolution,
          figure: 'mass',
          value: Math.abs(simulation.massRelativeDrift()),
          bar: { below: 1e-12 },
          seconds,
        });
        if (line.errors.length > 0)
          report({
            resolution,
            figure: 'order (l2)',
            value: order(line.errors.at(-1)!, error!.l2, cells / line.cells.at(-1)!),
            // From 16 cells on 32 the errors do not fall as a power yet.
            ...(cells > 32 ? { bar: { above: 3.8 } } : {}),
            seconds,
          });
        line.cells.push(cells);
        line.errors.push(error!.l2);
        line.seconds.push(seconds);
        await simulation.close();
      }
      lines.push(line);
    }
    return errorPlots('williamson-2', 'Williamson 2, steady flow after 5 days', lines);
  },
};

const williamson5: ScienceCase = {
  name: 'williamson-5',
  title: 'Flow over an isolated mountain, 15 days',
  reference: WILLIAMSON,
  async run(options, report) {
    const finest = options.quick ? 32 : 128;
    const duration = options.quick ? ['time.duration=2 d'] : [];
    const all = options.quick ? [16, 32] : [32, 64, 128];
    const bars = { l2: { 32: 4e-4, 64: 6e-5 }, energy: { 64: 3e-6 } } as const;
    const found = new Map<number, { surface: Panels; grid: Grid; seconds: number }>();
    const plots = [];
    for (const cells of all) {
      const set = [`grid.cells=${cells}`, `grid.tile=${Math.min(cells, 64)}`, ...duration];
      const { prepared, simulation, seconds } = await runScenarioTo('williamson-5', set, options);
      const { grid } = prepared;
      const surface = simulation.run.read('surface');
      const resolution = `N = ${cells}`;
      found.set(cells, { surface, grid, seconds });
      const { energyRelativeDrift, enstrophyRelativeDrift } = runFigures(simulation.run, prepared);
      const mass = Math.abs(simulation.massRelativeDrift());
      report({ resolution, figure: 'mass', value: mass, bar: { below: 1e-12 }, seconds });
      const energyBar = options.quick ? undefined : bars.energy[cells as 64];
      report({
        resolution,
        figure: 'energy',
        value: Math.abs(energyRelativeDrift!),
        ...(energyBar ? { bar: { below: energyBar } } : {}),
        seconds,
      });
      report({ resolution, figure: 'potential enstrophy', value: Math.abs(enstrophyRelativeDrift!), seconds });
      if (cells === 64) {
        const change = errorNorms(grid, surface, prepared.options.fields.surface as Panels);
        const near = (value: number) => [0.99 * value, 1.01 * value] as const;
        report({ resolution, figure: 'change l1', value: change.l1, bar: { between: near(1.125e-2) }, seconds });
        report({ resolution, figure: 'change l2', value: change.l2, bar: { between: near(1.596e-2) }, seconds });
        report({ resolution, figure: 'change l∞', value: change.linf, bar: { between: near(7.32e-2) }, seconds });
      }
      if (cells === finest && !options.quick)
        plots.push({
          name: 'williamson-5-vorticity',
          title: 'Williamson 5, vorticity after 15 days',
          png: await vorticityMap(
            simulation,
            grid,
            'Flow over a mountain after 15 days',
            `${cells} cells across a panel`,
          ),
        });
      await simulation.close();
    }
    const truth = found.get(finest)!;
    for (const cells of all.slice(0, -1)) {
      const { surface, grid, seconds } = found.get(cells)!;
      const { l2 } = errorNorms(grid, surface, coarsened(truth.grid, truth.surface, finest / cells));
      const bar = options.quick ? undefined : bars.l2[cells as 32 | 64];
      report({
        resolution: `N = ${cells}`,
        figure: `l2 against N = ${finest}`,
        value: l2,
        ...(bar ? { bar: { below: bar } } : {}),
        seconds,
      });
    }
    return plots;
  },
};

async function vorticityMap(
  simulation: Simulation,
  grid: Grid,
  title: string,
  subtitle: string,
  region?: { west: number; east: number; south: number; north: number },
) {
  const vorticity = outputField(simulation.run, 'atmosphere_relative_vorticity').map((panel) =>
    Float64Array.from(panel, (value) => 1e5 * value),
  );
  const { values, rows } = regular(grid, vorticity, 1440);
  return worldMap({
    title,
    subtitle,
    values,
    rows,
    columns: 1440,
    longitudes: Float64Array.from({ length: 1440 }, (_, k) => -180 + (k + 0.5) / 4),
    latitudes: Float64Array.from({ length: rows }, (_, k) => -90 + (k + 0.5) / 4),
    quantity: 'relative vorticity',
    units: '10⁻⁵ s⁻¹',
    colourMap: 'vik',
    coastlines: 'none',
    ...(region ? { region } : {}),
    width: 1400,
    height: region ? 620 : 860,
  });
}

const CIRCLE = 360;

/** Amplitudes of the waves 1 … 24 of a field along a circle of latitude. */
function waves(grid: Grid, panels: Panels, latitude: number): number[] {
  const longitude = Float64Array.from({ length: CIRCLE }, (_, k) => -180 + k);
  const table = bilinearTable(grid, { longitude, latitude: longitude.map(() => latitude) });
  const values = sampleBilinear(table, panels, new Float64Array(CIRCLE));
  return Array.from({ length: 24 }, (_, k) => {
    let [re, im] = [0, 0];
    values.forEach((value, at) => {
      const phase = (2 * Math.PI * (k + 1) * at) / CIRCLE;
      re += value * Math.cos(phase);
      im += value * Math.sin(phase);
    });
    return (2 * Math.sqrt(re * re + im * im)) / CIRCLE;
  });
}

/** Share of a field's variance along a circle of latitude in waves other than multiples of `wave`. */
function otherWaves(grid: Grid, panels: Panels, latitude: number, wave: number): number {
  let [whole, others] = [0, 0];
  waves(grid, panels, latitude).forEach((amplitude, k) => {
    whole += amplitude * amplitude;
    if ((k + 1) % wave !== 0) others += amplitude * amplitude;
  });
  return others / whole;
}

/** Largest amplitude of one wave on any whole degree of latitude that the jet blows over. */
function largestWave(grid: Grid, panels: Panels, wave: number): number {
  let found = 0;
  for (let latitude = 30; latitude <= 60; latitude++) found = Math.max(found, waves(grid, panels, latitude)[wave - 1]!);
  return found;
}

const williamson6: ScienceCase = {
  name: 'williamson-6',
  title: 'Rossby–Haurwitz wave, 14 days',
  reference: WILLIAMSON,
  async run(options, report) {
    const plots = [];
    for (const cells of options.quick ? [24] : [32, 64]) {
      const set = [`grid.cells=${cells}`, `grid.tile=${cells}`, ...(options.quick ? ['time.duration=2 d'] : [])];
      const { prepared, simulation, seconds } = await runScenarioTo('williamson-6', set, options);
      const resolution = `N = ${cells}`;
      const { energyRelativeDrift, enstrophyRelativeDrift } = runFigures(simulation.run, prepared);
      const mass = Math.abs(simulation.massRelativeDrift());
      report({ resolution, figure: 'mass', value: mass, bar: { below: 1e-12 }, seconds });
      report({ resolution, figure: 'energy', value: Math.abs(energyRelativeDrift!), seconds });
      report({ resolution, figure: 'potential enstrophy', value: Math.abs(enstrophyRelativeDrift!), seconds });
      report({
        resolution,
        figure: 'variance not in waves 4, 8, … at 40° N',
        value: otherWaves(prepared.grid, simulation.run.read('surface'), 40, 4),
        bar: { below: 1e-3 },
        seconds,
      });
      if (cells === 64)
        plots.push({
          name: 'williamson-6-vorticity',
          title: 'Rossby–Haurwitz wave after 14 days',
          png: await vorticityMap(simulation, prepared.grid, 'Rossby–Haurwitz wave after 14 days', resolution),
        });
      await simulation.close();
    }
    return plots;
  },
};

const galewskySteady: ScienceCase = {
  name: 'galewsky-unperturbed',
  title: 'A balanced jet left in peace, 5 days',
  reference: 'Galewsky, Scott & Polvani (2004), Tellus A 56, 429–440',
  async run(options, report) {
    for (const cells of options.quick ? [24] : [96, 128]) {
      const set = [
        `grid.cells=${cells}`,
        `grid.tile=${Math.min(cells, 64) === cells ? cells : cells / 2}`,
        ...(options.quick ? ['time.duration=12 h'] : []),
      ];
      const growth: { day: number; wind: number; imprint: number }[] = [];
      const { prepared, simulation, seconds } = await runScenarioTo('galewsky-unperturbed', set, options, {
        every: options.quick ? DAY / 2 : DAY,
        look: (now, { grid }) => {
          const northward = outputField(now.run, 'northward_wind');
          growth.push({ day: now.time / DAY, wind: fastest(northward), imprint: largestWave(grid, northward, 4) });
        },
      });
      const resolution = `N = ${cells}`;
      const { error } = runFigures(simulation.run, prepared);
      report({ resolution, figure: 'l2', value: error!.l2, seconds });
      for (const { day, wind, imprint } of growth) {
        const when = `day ${day.toFixed(1)}`;
        report({ resolution, figure: `fastest meridional wind, ${when}`, value: wind, unit: 'm/s', seconds });
        // One percent of the jet's 80 m/s.
        const bar = options.quick ? {} : { bar: { below: 0.8 } };
        report({ resolution, figure: `its wave 4, 30–60° N, ${when}`, value: imprint, unit: 'm/s', ...bar, seconds });
      }
      await simulation.close();
    }
    return [];
  },
};

const fastest = (panels: Panels): number => {
  let found = 0;
  for (const panel of panels) for (const wind of panel) found = Math.max(found, Math.abs(wind));
  return found;
};

const galewskyUnstable: ScienceCase = {
  name: 'galewsky',
  title: 'A jet that rolls up, 6 days',
  reference: 'Galewsky, Scott & Polvani (2004), Tellus A 56, 429–440',
  async run(options, report) {
    const all = options.quick ? [24] : [48, 96, 192];
    const found: { cells: number; grid: Grid; vorticity: Panels; seconds: number }[] = [];
    const plots = [];
    for (const cells of all) {
      const set = [
        `grid.cells=${cells}`,
        `grid.tile=${cells > 48 ? cells / 2 : cells}`,
        ...(options.quick ? ['time.duration=12 h'] : []),
      ];
      const { prepared, simulation, seconds } = await runScenarioTo('galewsky', set, options);
      const resolution = `N = ${cells}`;
      const mass = Math.abs(simulation.massRelativeDrift());
      report({ resolution, figure: 'mass', value: mass, bar: { below: 1e-12 }, seconds });
      const vorticity = outputField(simulation.run, 'atmosphere_relative_vorticity');
      found.push({ cells, grid: prepared.grid, vorticity, seconds });
      if (cells >= 96)
        plots.push({
          name: `galewsky-${cells}`,
          title: 'Vorticity of the jet on day 6',
          png: await vorticityMap(simulation, prepared.grid, 'The jet on day 6', `${cells} cells across a panel`, {
            west: -180,
            east: 180,
            south: 5,
            north: 85,
          }),
        });
      await simulation.close();
    }
    const differences = found.slice(0, -1).map(({ grid, vorticity }, k) => {
      const finer = found[k + 1]!;
      return errorNorms(grid, vorticity, coarsened(finer.grid, finer.vorticity, finer.cells / grid.cellsX)).l2;
    });
    differences.forEach((difference, k) => {
      const { cells, seconds } = found[k]!;
      report({
        resolution: `N = ${cells}`,
        figure: `vorticity, l2 of the difference to N = ${found[k + 1]!.cells}`,
        value: difference,
        ...(k > 0 ? { bar: { below: differences[k - 1]! / 2 } } : {}),
        seconds,
      });
    });
    return plots;
  },
};

export const AIR_CASES: readonly ScienceCase[] = [
  williamson2,
  williamson5,
  williamson6,
  galewskySteady,
  galewskyUnstable,
];
