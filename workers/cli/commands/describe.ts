import { cellAt } from '../../../engine/grid/nearest-cell.ts';
import { ruptureSpan } from '../../../engine/sources/rupture.ts';
import { rungeKutta4 } from '../../../engine/timesteppers/runge-kutta.ts';
import { earthquakeMoment } from '../../../scenarios/earthquake-moment.ts';
import { nodeInputFiles } from '../../../scenarios/node-input-files.ts';
import { bytes } from '../../../scenarios/prediction.ts';
import { recordedStations, type Source } from '../../../scenarios/scenario.ts';
import { estimateRun, measureSpeed } from '../../run/estimate.ts';
import { kernelHash } from '../../run/kernel-hash.ts';
import { chooseStep, makeModel } from '../../run/prepare.ts';
import { faultTableOf, subfaultsOf } from '../../run/sources.ts';
import { loadNamed } from '../load.ts';
import { threadsOf } from '../run-command.ts';
import { engineName } from '../run-directory.ts';
import { printEvent, say, table } from '../terminal.ts';
import { type ValidateOptions, worldOf } from './validate.ts';

/** Says what a scenario is and what its run will take, without running it. */
export async function describeCommand(name: string, options: ValidateOptions): Promise<void> {
  const { scenario, identity, inputs } = await loadNamed(name, options);
  const { grid, bed, limits } = await worldOf(scenario);
  const { timeStep, steps } = chooseStep(scenario, limits);
  const threads = threadsOf(options);
  const speed = await measureSpeed(scenario.model.precision);
  const prediction = estimateRun(scenario, grid, { timeStep, threads, speed });
  const { panel, i, j, speed: fastest } = limits.worst;
  const place = grid.geometry(panel);
  const worst = {
    panel,
    i,
    j,
    longitude: place.longitude[j * grid.cellsX + i]!,
    latitude: place.latitude[j * grid.cellsX + i]!,
    depth: scenario.initial.seaLevel - bed[panel]![j * grid.cellsX + i]!,
    waveSpeed: fastest,
  };
  const stations = recordedStations(scenario).map(({ name: station, longitude, latitude, every }) => {
    const cell = cellAt(grid, longitude, latitude);
    const depth = cell
      ? scenario.model.parameters.seaLevel - bed[cell.panel]![cell.j * grid.cellsX + cell.i]!
      : undefined;
    return { name: station, longitude, latitude, every, depth };
  });
  const sources = await Promise.all(scenario.sources.map(describeSource));
  const kernels = kernelHash(makeModel(scenario), rungeKutta4, scenario.model.precision);
  const dimensions = {
    kind: grid.kind,
    panels: grid.panels,
    cellsX: grid.cellsX,
    cellsY: grid.cellsY,
    cells: prediction.cells,
    tiles: grid.tiles.length,
    tile: [grid.tileX, grid.tileY],
    narrowestCell: limits.narrowest,
  };
  if (options.json) {
    printEvent({
      event: 'described',
      scenario: scenario.name,
      title: scenario.title,
      identity,
      kernelHash: kernels,
      precision: scenario.model.precision,
      grid: dimensions,
      time: {
        start: scenario.time.start,
        duration: scenario.time.duration,
        timeStep,
        steps,
        courant: timeStep / limits.unitStep,
        worst,
      },
      prediction: {
        memoryBytes: prediction.memoryBytes,
        outputBytes: prediction.outputBytes,
        wallSeconds: prediction.wallSeconds,
        threads,
        millionCellStagesPerSecond: speed,
      },
      sources,
      stations,
      inputs,
    });
  }
  const wide = grid.kind === 'plane' ? 'm wide' : `m wide, ${Number((5400 / grid.cellsX).toPrecision(3))}′`;
  const rows: [string, string][] = [
    ['scenario', `${scenario.name}, ${scenario.model.equations}, ${scenario.model.precision}`],
    [
      'grid',
      `${grid.kind}, ${grid.panels} × ${grid.cellsX} × ${grid.cellsY} = ${prediction.cells.toLocaleString('en')} cells in ${grid.tiles.length} tiles of ${grid.tileX} × ${grid.tileY}; the narrowest ${Math.round(limits.narrowest)} ${wide}`,
    ],
    [
      'time',
      `${scenario.time.start}, ${clock(scenario.time.duration)} h in ${steps} steps of ${timeStep.toPrecision(5)} s, Courant number ${(timeStep / limits.unitStep).toFixed(3)}`,
    ],
    [
      'worst cell',
      `${worst.longitude.toFixed(3)}, ${worst.latitude.toFixed(3)} (panel ${panel}, i ${i}, j ${j}): ${Math.round(worst.depth)} m deep, waves of ${fastest.toFixed(1)} m/s`,
    ],
    ...sources.map(({ text }): [string, string] => ['source', text]),
    [
      'memory',
      `about ${bytes(prediction.memoryBytes)}; output at most ${bytes(prediction.outputBytes)} before compression`,
    ],
    [
      'wall time',
      `at most ${duration(prediction.wallSeconds)} on ${threads} ${threads === 1 ? 'thread' : 'threads'} at ${speed.toFixed(1)} million cell-stages a second each; less where tiles are at rest`,
    ],
    ['kernels', `${kernels}`],
    ['identity', identity],
    ['engine', engineName()],
  ];
  const wideEnough = Math.max(...rows.map(([key]) => key.length));
  const lines = rows.map(([key, value]) => `${key.padEnd(wideEnough)}  ${value}`);
  const places = table([
    ['station', ...(grid.kind === 'plane' ? ['x [m]', 'y [m]'] : ['longitude', 'latitude']), 'depth of its cell'],
    ...stations.map(({ name: station, longitude, latitude, depth }) => [
      station,
      longitude.toFixed(3),
      latitude.toFixed(3),
      depth === undefined ? 'outside' : depth > 0 ? `${Math.round(depth)} m` : `on land, ${Math.round(-depth)} m high`,
    ]),
  ]);
  say(options.json, [scenario.title, '', ...lines, ...(stations.length > 0 ? ['', places] : [])].join('\n').trimEnd());
}

async function describeSource(source: Source) {
  switch (source.type) {
    case 'earthquake': {
      const { subfaults, humps } = await subfaultsOf(source, nodeInputFiles());
      const { moment, magnitude, stated } = earthquakeMoment(source, await faultTableOf(source, nodeInputFiles()));
      const said = stated === undefined ? '' : `, stated ${stated.toFixed(1)}`;
      if (subfaults.length === 0) {
        return {
          type: source.type,
          humps: humps.length,
          text: `earthquake given as ${humps.length} humps of the surface${said}`,
        };
      }
      const [from, to] = ruptureSpan(subfaults);
      return {
        type: source.type,
        subfaults: subfaults.length,
        moment,
        magnitude: { implied: magnitude, stated },
        rupture: { from, to },
        text: `earthquake of ${subfaults.length} ${subfaults.length === 1 ? 'subfault' : 'subfaults'}, ${moment.toPrecision(3)} N m: Mw ${magnitude.toFixed(2)}${said}; slips from ${Math.round(from)} s to ${Math.round(to)} s`,
      };
    }
    case 'gaussian':
      return {
        type: source.type,
        text: `hump of ${source.height} m within ${source.radius / 1000} km at ${source.longitude}, ${source.latitude}`,
      };
    case 'surface':
      return { type: source.type, text: `sea surface from ${source.file}` };
    case 'solitary-wave':
      return {
        type: source.type,
        text: `solitary wave of ${source.height} m over ${source.depth} m at x ${source.position} m, running ${source.heading}`,
      };
    case 'incident-wave': {
      const { side, wave } = source;
      const what =
        wave.kind === 'record'
          ? `wave of ${wave.file}`
          : `solitary wave of ${wave.height} m over ${wave.depth} m, its crest after ${wave.crest} s`;
      return { type: source.type, text: `${what}, in through the ${side} side` };
    }
  }
}

const clock = (seconds: number): string => {
  const minutes = Math.round(seconds / 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
};

const duration = (seconds: number): string =>
  seconds < 90
    ? `${Math.ceil(seconds)} s`
    : seconds < 5400
      ? `${Math.ceil(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`;
