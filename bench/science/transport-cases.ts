import { TURNING_STRENGTH } from '../../scenarios/states/nair-lauritzen.ts';
import { errorPlot } from '../../workers/plot/error-plot.ts';
import { errorNorms, runFigures } from '../../workers/run/run-figures.ts';
import { order, type Panels, runScenarioTo, type ScienceCase } from './science-case.ts';

const NAIR_LAURITZEN = 'Nair & Lauritzen (2010), J. Comput. Phys. 229, 8868–8887';

/** How far beyond a range values go; below 0 within it. */
function beyond(panels: Panels, low: number, high: number): number {
  let found = -1;
  for (const panel of panels) for (const q of panel) found = Math.max(found, low - q, q - high);
  return found;
}

/** Of the FV3 kind, case 4 in twelve days with the wind that turns the globe's air once. */
const BARS: Readonly<Record<number, number>> = { 32: 3.5e-2, 64: 4.2e-3, 128: 6.5e-4 };

const nairLauritzen: ScienceCase = {
  name: 'nair-lauritzen',
  title: 'Tracers torn apart and brought back, 12 days',
  reference: NAIR_LAURITZEN,
  async run(options, report) {
    const lines = [];
    for (const [label, strength] of [
      ['k = 2πR/T', TURNING_STRENGTH],
      ['k = 10 R/T, as published', 10],
    ] as const) {
      const line = { name: label, resolutions: [] as number[], errors: [] as number[] };
      for (const cells of options.quick ? [16] : [32, 64, 128]) {
        const set = [
          `grid.cells=${cells}`,
          `grid.tile=${Math.min(cells, 64)}`,
          'initial.limited=false',
          `initial.strength=${strength}`,
          'time.courant=1.2',
        ];
        const { prepared, simulation, seconds } = await runScenarioTo('nair-lauritzen', set, options);
        const resolution = `N = ${cells}`;
        const { error } = runFigures(simulation.run, prepared);
        const bar = strength === TURNING_STRENGTH ? BARS[cells] : undefined;
        report({
          resolution,
          figure: `hills, l2, ${label}`,
          value: error!.l2,
          ...(bar ? { bar: { below: bar } } : {}),
          seconds,
        });
        if (line.errors.length > 0)
          report({
            resolution,
            figure: `order (l2), ${label}`,
            value: order(line.errors.at(-1)!, error!.l2, 2),
            ...(cells === 128 ? { bar: { above: 3 } } : {}),
            seconds,
          });
        const mass = Math.abs(simulation.massRelativeDrift());
        report({ resolution, figure: `mass, ${label}`, value: mass, bar: { below: 1e-13 }, seconds });
        line.resolutions.push(cells);
        line.errors.push(error!.l2);
        await simulation.close();
      }
      lines.push(line);
    }
    for (const kind of options.quick ? [4] : [1, 2, 3, 4]) {
      const cells = options.quick ? 16 : 32;
      const set = [
        `grid.cells=${cells}`,
        `grid.tile=${cells}`,
        `initial.state=nair-lauritzen-${kind}`,
        'time.courant=0.6',
      ];
      const { prepared, simulation, seconds } = await runScenarioTo('nair-lauritzen', set, options);
      const resolution = `N = ${cells}, limited`;
      const cylinders = simulation.run.read('slotted_cylinders');
      report({
        resolution,
        figure: `cylinders beyond their range, case ${kind}`,
        value: beyond(cylinders, 0.1, 1),
        bar: { below: 1e-12 },
        seconds,
      });
      const start = prepared.options.fields as Readonly<Record<string, Panels>>;
      for (const tracer of ['gaussian_hills', 'slotted_cylinders', 'correlated_bells'])
        report({
          resolution,
          figure: `${tracer.replace('_', ' ')}, l2, case ${kind}`,
          value: errorNorms(prepared.grid, simulation.run.read(tracer), start[tracer]!).l2,
          seconds,
        });
      await simulation.close();
    }
    if (options.quick) return [];
    return [
      {
        name: 'nair-lauritzen-order',
        title: 'Gaussian hills after twelve days',
        png: await errorPlot({
          title: 'Gaussian hills after twelve days, case 4',
          lines,
          orders: [3, 4],
          errorLabel: 'l2 error of the mixing ratio',
        }),
      },
    ];
  },
};

const williamson1: ScienceCase = {
  name: 'williamson-1',
  title: 'A cosine bell once round the globe, 12 days',
  reference: 'Williamson et al. (1992), J. Comput. Phys. 102, 211–224',
  async run(options, report) {
    for (const limited of [true, false]) {
      let coarser: number | undefined;
      for (const cells of options.quick ? [16, 32] : [32, 64, 128]) {
        const set = [`grid.cells=${cells}`, `grid.tile=${Math.min(cells, 64)}`, `initial.limited=${limited}`];
        const { prepared, simulation, seconds } = await runScenarioTo('williamson-1', set, options);
        const resolution = `N = ${cells}, 45°${limited ? ', limited' : ''}`;
        const { error } = runFigures(simulation.run, prepared);
        report({ resolution, figure: 'l1', value: error!.l1, seconds });
        report({ resolution, figure: 'l2', value: error!.l2, seconds });
        report({ resolution, figure: 'l∞', value: error!.linf, seconds });
        if (coarser !== undefined)
          report({ resolution, figure: 'order (l2)', value: order(coarser, error!.l2, 2), seconds });
        coarser = error!.l2;
        const over = beyond(simulation.run.read('cosine_bell'), 0, 1);
        report({
          resolution,
          figure: 'beyond its range',
          value: over,
          ...(limited ? { bar: { below: 1e-12 } } : {}),
          seconds,
        });
        await simulation.close();
      }
    }
    return [];
  },
};

export const TRANSPORT_CASES: readonly ScienceCase[] = [williamson1, nairLauritzen];
