import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runUpAround, runUpOf } from '../../scenarios/run-up.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { stationPlot } from '../../workers/plot/station-plot.ts';
import { readObservations } from '../../workers/run/scores.ts';
import { packageRoot } from '../../workers/store/provenance.ts';
import { SEA_SURFACE_HEIGHT } from '../../workers/store/station-series.ts';
import { type Finished, runScenarioTo, type ScienceCase } from './science-case.ts';

const NTHMP = 'Synolakis et al. (2008), Pure Appl. Geophys. 165, 2197–2228';

/** Cells of a finished run that the water reached, as the run-up is read from. */
function flooding({ prepared, simulation }: Finished) {
  const { longitude, latitude } = prepared.grid.geometry(0);
  const [ground, depth] = [simulation.run.read('bed')[0]!, simulation.run.read('maximumAmplitude')[0]!];
  return { x: longitude, y: latitude, ground, depth };
}

const depthOf = ({ grid }: Scenario): number =>
  grid.bathymetry.type === 'slope' || grid.bathymetry.type === 'cone' ? grid.bathymetry.depth : 0;

/** A beach: run-up over depth against what is measured or known. */
function beach(
  name: string,
  title: string,
  expected: number,
  tolerance: number,
  /** The thinnest flow that counts as wet, in depths: in the flume the tip's film is not seen. */
  film: number,
): ScienceCase {
  return {
    name,
    title,
    reference: NTHMP,
    async run(options, report) {
      const finished = await runScenarioTo(name, [], { ...options, small: options.quick });
      const { scenario, grid } = finished.prepared;
      const depth = depthOf(scenario);
      const runUp = runUpOf(flooding(finished), { seaLevel: 0, threshold: film * depth });
      const resolution = `${grid.cellsX} × ${grid.cellsY}`;
      const { seconds, simulation } = finished;
      report({
        resolution,
        figure: 'mass',
        value: Math.abs(simulation.massRelativeDrift()),
        bar: { below: 1e-12 },
        seconds,
      });
      // Quick runs stop before the wave is up.
      if (!options.quick)
        report({
          resolution,
          figure: `run-up over depth (${expected} known)`,
          value: runUp ? runUp.ground / depth : 0,
          bar: { between: [(1 - tolerance) * expected, (1 + tolerance) * expected] },
          seconds,
        });
      await simulation.close();
      return [];
    },
  };
}

/** Heights of the surface [m] in time at gauges, as a table of the benchmark has them. */
function publishedGauges(file: string): { readonly seconds: number[]; readonly metres: (gauge: number) => number[] } {
  const rows = readFileSync(join(packageRoot(), 'scenarios', 'data', 'nthmp', file), 'utf8')
    .split('\n')
    .filter((line) => /^[-\d]/.test(line))
    .map((line) => line.trim().split(/\s+/).map(Number));
  return { seconds: rows.map(([time]) => time!), metres: (gauge) => rows.map((row) => row[gauge + 1]!) };
}

/** Root mean square of what two series differ by, over the highest crest of the second; the first is evenly spaced. */
function misfit(
  model: { readonly seconds: ArrayLike<number>; readonly metres: ArrayLike<number> },
  published: { readonly seconds: readonly number[]; readonly metres: readonly number[] },
): number {
  const every = model.seconds[1]! - model.seconds[0]!;
  let [sum, count] = [0, 0];
  published.seconds.forEach((time, k) => {
    const place = (time - model.seconds[0]!) / every;
    const before = Math.floor(place);
    if (before < 0 || before + 1 >= model.seconds.length) return;
    const share = place - before;
    const there = model.metres[before]! * (1 - share) + model.metres[before + 1]! * share;
    sum += (there - published.metres[k]!) ** 2;
    count++;
  });
  return Math.sqrt(sum / count) / Math.max(...published.metres);
}

/** Gauges of which the benchmark's solution and records are whole: all but the tenth, and the wall. */
const COMPOSITE_GAUGES = ['G4', 'G5', 'G6', 'G7', 'G8', 'G9'];

/** The composite beach: a hundredth of the wave against the linear solution, the whole wave against the flume. */
function compositeBeach(
  letter: 'a' | 'b' | 'c',
  bars: { readonly linear: number; readonly flume: number },
): ScienceCase {
  const name = letter === 'a' ? 'bp02' : `bp02-${letter}`;
  const title = `BP02 ${letter.toUpperCase()}: a solitary wave on a composite beach`;
  return {
    name,
    title,
    reference: `Kânoğlu & Synolakis (1998), J. Fluid Mech. 374, 1–28; ${NTHMP}`,
    async run(options, report) {
      const plots = [];
      for (const { scale, table, what, bar } of [
        {
          scale: 0.01,
          table: 'analytic',
          what: 'a hundredth of the wave, rms beside the linear solution',
          bar: bars.linear,
        },
        { scale: 1, table: 'laboratory', what: 'the whole wave, rms beside the flume', bar: bars.flume },
      ]) {
        const set = [`sources[0].scale=${scale}`, ...(scale < 1 ? ['model.parameters.manning=0 s m^-1/3'] : [])];
        const finished = await runScenarioTo(name, set, { ...options, small: options.quick });
        const { prepared, simulation, seconds } = finished;
        const published = publishedGauges(`bp02-${letter}-${table}.txt`);
        const stations = COMPOSITE_GAUGES.map((id, gauge) => {
          const { seconds: times, values } = finished.stations.find(({ station }) => station.name === id)!;
          const metres = Array.from(values[SEA_SURFACE_HEIGHT.name]!, (height) => height / scale);
          return {
            id,
            model: { seconds: times, metres },
            observed: { seconds: published.seconds, metres: published.metres(gauge) },
          };
        });
        report({
          resolution: `${prepared.grid.cellsX} × ${prepared.grid.cellsY}`,
          figure: what,
          value: Math.max(...stations.map(({ model, observed }) => misfit(model, observed))),
          bar: { below: bar },
          seconds,
        });
        if (scale === 1 && !options.quick)
          plots.push({
            name: `${name}-gauges`,
            title,
            png: await stationPlot({
              title,
              subtitle: 'Height of the surface at the gauges, model over laboratory',
              legend: { model: 'model', observed: 'laboratory' },
              stations,
              from: 0,
            }),
          });
        await simulation.close();
      }
      return plots;
    },
  };
}

/** The gauges of a run over those of the laboratory. */
async function gauges({ prepared, stations }: Finished, title: string): Promise<Uint8Array> {
  const observations = await readObservations(prepared.scenario, prepared.files);
  return stationPlot({
    title,
    subtitle: 'Height of the surface at the gauges, model over laboratory',
    stations: stations.map(({ station, seconds, values }) => {
      const observed = observations.get(station.name);
      return {
        id: station.name,
        model: { seconds, metres: values[SEA_SURFACE_HEIGHT.name]! },
        ...(observed ? { observed: { seconds: observed.seconds, metres: observed.values } } : {}),
      };
    }),
    from: 0,
  });
}

/** The conical island: run-up in its lee. */
function island(name: string, title: string, expected: number, source: string): ScienceCase {
  return {
    name,
    title,
    reference: 'Briggs et al. (1995), Pure Appl. Geophys. 144, 569–593; Liu et al. (1995), J. Fluid Mech. 302, 259–285',
    async run(options, report) {
      const finished = await runScenarioTo(name, [], { ...options, small: options.quick });
      const { prepared, simulation, seconds } = finished;
      const bed = prepared.scenario.grid.bathymetry;
      if (bed.type !== 'cone') throw new Error(`ScienceFailed: ${name} has no island.`);
      const [lee] = runUpAround(
        flooding(finished),
        { seaLevel: 0, threshold: 1e-3 },
        { x: bed.x, y: bed.y, angles: [0], sector: 10 },
      );
      const value = 100 * (lee?.runUp?.level ?? 0);
      report({
        resolution: `${prepared.grid.cellsX} × ${prepared.grid.cellsY}`,
        figure: `run-up in the lee (${expected} cm, ${source})`,
        value,
        unit: 'cm',
        ...(options.quick ? {} : { bar: { between: [0.8 * expected, 1.2 * expected] as const } }),
        seconds,
      });
      await simulation.close();
      return options.quick ? [] : [{ name: `${name}-gauges`, title, png: await gauges(finished, title) }];
    },
  };
}

export const LABORATORY_CASES: readonly ScienceCase[] = [
  compositeBeach('a', { linear: 0.02, flume: 0.18 }),
  compositeBeach('b', { linear: 0.04, flume: 0.14 }),
  compositeBeach('c', { linear: 0.08, flume: 0.15 }),
  beach('synolakis-1987', 'BP01: a solitary wave on a plane beach', 0.0909, 0.05, 1e-4),
  beach('bp04-a', 'BP04 A: a wave that does not break, in the flume', 0.0757, 0.05, 1e-3),
  beach('bp04-c', 'BP04 C: a wave that breaks, in the flume', 0.551, 0.1, 1e-3),
  island('bp06-a', 'BP06 A: a wave around a conical island, H/d = 0.045', 3.2, 'Liu et al.'),
  island('bp06-b', 'BP06 B: a wave around a conical island, H/d = 0.096', 8.61, 'benchmark'),
];
