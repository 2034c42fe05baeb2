import type { Grid } from '../../engine/grid/grid.ts';
import { ExactSum } from '../../engine/math/index.ts';
import { worldMap } from '../../workers/plot/world-map.ts';
import { runFigures } from '../../workers/run/run-figures.ts';
import { regular } from './air-cases.ts';
import {
  type Finished,
  type Panels,
  type Row,
  runScenarioTo,
  type ScienceCase,
  type ScienceOptions,
} from './science-case.ts';

const SCENARIO = 'weather-2011-01-15';
const HOUR = 3600;
/** Gravity waves take hours to cross the globe; troughs take days. */
const LISTENED = 6 * HOUR;
const EVERY = 20 * 60;

/** Mean of |a − b| over the globe. */
function meanDifference(grid: Grid, a: Panels, b: Panels): number {
  const [sum, whole] = [new ExactSum(), new ExactSum()];
  for (let panel = 0; panel < grid.panels; panel++) {
    const { area } = grid.geometry(panel);
    area.forEach((size, cell) => {
      sum.addProduct(size, Math.abs(a[panel]![cell]! - b[panel]![cell]!));
      whole.addProduct(size, 1);
    });
  }
  return sum.value() / whole.value();
}

/** Six hours from the weather: mean |∂η/∂t| [m/h], and what the run comes to. */
async function listen(cells: number, balanced: boolean, options: ScienceOptions) {
  const set = [
    `grid.cells=${cells}`,
    `grid.tile=${cells}`,
    `initial.balanced=${balanced}`,
    `time.duration=${LISTENED / HOUR} h`,
  ];
  let last: Panels | undefined;
  let travelled = 0;
  const finished = await runScenarioTo(SCENARIO, set, options, {
    every: EVERY,
    look: ({ run }, { grid, options: { fields } }) => {
      const surface = run.read('surface').map((panel) => panel.slice());
      travelled += meanDifference(grid, surface, last ?? (fields.surface as Panels));
      last = surface;
    },
  });
  return { ...finished, rate: travelled / (LISTENED / HOUR) };
}

function heightMap(grid: Grid, surface: Panels, title: string, subtitle: string) {
  const columns = 720;
  const { values, rows } = regular(grid, surface, columns);
  return worldMap({
    title,
    subtitle,
    values: values.map((metres) => metres / 10),
    rows,
    columns,
    longitudes: Float64Array.from({ length: columns }, (_, k) => -180 + (k + 0.5) / 2),
    latitudes: Float64Array.from({ length: rows }, (_, k) => -90 + (k + 0.5) / 2),
    quantity: 'height of the surface',
    units: 'dam',
    colourMap: 'batlow',
    limits: [480, 600],
    contours: { levels: Array.from({ length: 16 }, (_, k) => 480 + 8 * k) },
    width: 1400,
    height: 860,
  });
}

function reportWhole({ prepared, simulation, seconds }: Finished, report: (row: Omit<Row, 'case'>) => void): void {
  const { energyRelativeDrift, maximumSpeed } = runFigures(simulation.run, prepared);
  const at = { resolution: `N = ${prepared.grid.cellsX}`, seconds };
  report({ ...at, figure: 'mass', value: Math.abs(simulation.massRelativeDrift()), bar: { below: 1e-12 } });
  report({ ...at, figure: 'energy', value: Math.abs(energyRelativeDrift!), bar: { below: 2e-3 } });
  report({ ...at, figure: 'fastest wind', value: maximumSpeed, unit: 'm/s', bar: { between: [40, 100] } });
}

export const weather: ScienceCase = {
  name: 'weather',
  title: 'Weather of 15 January 2011 as one layer of air, 5 days',
  reference: 'Charney (1955), Tellus 7, 22–26; data: NOAA GFS',
  async run(options, report) {
    const listened = options.quick ? 24 : 64;
    const resolution = `N = ${listened}`;
    const restless = await listen(listened, false, options);
    await restless.simulation.close();
    const calm = await listen(listened, true, options);
    const figure = (name: string) => `|∂η/∂t| in 6 h, ${name}`;
    const [unit, seconds] = ['m/h', calm.seconds];
    report({ resolution, figure: figure('as in the file'), value: restless.rate, unit, seconds: restless.seconds });
    report({ resolution, figure: figure('balanced'), value: calm.rate, unit, seconds });
    const bar = { below: options.quick ? 0.25 : 0.08 };
    report({ resolution, figure: figure('ratio'), value: calm.rate / restless.rate, bar, seconds });
    if (options.quick) reportWhole(calm, report);
    await calm.simulation.close();
    const plots = [];
    for (const cells of options.quick ? [] : [32, 64]) {
      const finished = await runScenarioTo(SCENARIO, [`grid.cells=${cells}`, 'grid.tile=32'], options);
      const { prepared, simulation } = finished;
      reportWhole(finished, report);
      if (cells === 64)
        for (const [name, day, surface] of [
          ['start', 0, prepared.options.fields.surface as Panels],
          ['end', 5, simulation.run.read('surface')],
        ] as const) {
          const title = `One layer of air, day ${day}`;
          const subtitle = `from the weather of 15 January 2011, ${cells} cells across a panel`;
          plots.push({ name: `weather-${name}`, title, png: await heightMap(prepared.grid, surface, title, subtitle) });
        }
      await simulation.close();
    }
    return plots;
  },
};
