import type { Grid } from '../../../engine/grid/grid.ts';
import { makeGrid } from '../../run/prepare.ts';
import type { CheckpointExtra } from '../../run/resume-point.ts';
import { type Checkpoint, listCheckpoints, readCheckpoint } from '../../store/checkpoints.ts';
import { engineIdentity } from '../../store/provenance.ts';
import { SEA_SURFACE_HEIGHT, type StationSeries } from '../../store/station-series.ts';
import type { Store } from '../../store/store.ts';
import { readStations } from '../../store/zarr-stations.ts';
import { EXIT } from '../errors.ts';
import { openCheckpoints, openOutput, openRun, type RunDirectory, short } from '../run-directory.ts';
import { differenceNorms, firstDifference, type Norms, type StateDifference } from '../state-difference.ts';
import { printEvent, say, table } from '../terminal.ts';
import { differenceText } from './verify.ts';

/** Two checkpoints of the same moment. */
interface Moment {
  readonly seconds: number;
  readonly step: { readonly a: number; readonly b: number };
  /** Undefined where a device has had a part in it. */
  readonly stateHash: { readonly a: string | undefined; readonly b: string | undefined };
  readonly equal: boolean;
}

/** How far two records of a station lie apart, at the times that both have [m]. */
interface StationDifference {
  readonly id: string;
  readonly samples: number;
  readonly largest: number;
  readonly rms: number;
  readonly equal: boolean;
}

/** Whether two runs are the same to the bit and, where not, how and how far they differ. */
export async function compareCommand(
  pathA: string,
  pathB: string,
  options: { readonly json: boolean; readonly force: boolean },
): Promise<void> {
  const [a, b] = [await openRun(pathA), await openRun(pathB)];
  const [gridA, gridB] = [makeGrid(a.scenario), makeGrid(b.scenario)];
  const identity = { a: a.identity, b: b.identity };
  const sameGrid = gridA.fingerprint === gridB.fingerprint && gridA.cellsX === gridB.cellsX;
  const [keptA, keptB] = [await headers(a, options.force), await headers(b, options.force)];
  const moments = sameGrid ? commonMoments(keptA.all, keptB.all) : [];
  const stateHash = { a: finalHash(a, keptA.all), b: finalHash(b, keptB.all) };

  let first: (StateDifference & { readonly step: number }) | undefined;
  let norms: readonly Norms[] = [];
  for (const moment of moments) {
    const [left, right] = [keptA.read(moment.step.a), keptB.read(moment.step.b)];
    if (!first) {
      const found = differenceOf(await left, await right, gridA);
      if (found) first = { step: moment.step.a, ...found };
    }
    if (moment === moments.at(-1)) norms = normsOf(await left, await right, gridA);
  }
  const stations = await stationDifferences(a, b);
  const equal =
    sameGrid &&
    stateHash.a === stateHash.b &&
    stateHash.a !== undefined &&
    first === undefined &&
    stations.every((station) => station.equal);

  if (options.json) {
    printEvent({
      event: 'compared',
      a: a.directory,
      b: b.directory,
      equal,
      identity,
      stateHash,
      sameGrid,
      checkpoints: moments,
      firstDifference: first,
      norms: { step: moments.at(-1)?.step, fields: norms },
      stations,
    });
  }
  say(
    options.json,
    [
      equal ? 'equal to the bit' : 'different',
      identity.a === identity.b
        ? `the same scenario, ${short(identity.a)}`
        : `scenarios ${short(identity.a)} and ${short(identity.b)}`,
      stateHash.a === stateHash.b
        ? `state hash ${stateHash.a ?? 'of neither: a device computed them, or no checkpoint is there'}`
        : `state hashes ${stateHash.a ?? 'none (class tolerance, or no checkpoint)'} and ${stateHash.b ?? 'none (class tolerance, or no checkpoint)'}`,
      ...(sameGrid ? [] : ['the grids differ, so only stations are compared']),
      ...(sameGrid && moments.length === 0
        ? ['no checkpoint is of the same moment, so only stations are compared']
        : []),
      ...moments.map(
        ({ step, seconds, equal: same }) =>
          `step ${step.a === step.b ? step.a : `${step.a} and ${step.b}`} (${(seconds / 60).toFixed(1)} min): ${same ? 'equal' : 'different'}`,
      ),
      ...(first ? [`step ${first.step}: ${differenceText(first, 'A', 'B')}`] : []),
      ...(norms.length > 0 && !equal ? ['', normsTable(norms)] : []),
      ...(stations.some((station) => !station.equal) ? ['', stationsTable(stations)] : []),
    ].join('\n'),
  );
  process.exitCode = equal ? EXIT.done : EXIT.failed;
}

interface Header extends Pick<Checkpoint, 'step' | 'seconds' | 'stateHash'> {
  /** What a device computed has no hash that anybody else would find: none is told. */
  readonly told: string | undefined;
}

/** Facts of every kept checkpoint; states are read again when they are wanted, since two runs may not fit in memory. */
async function headers(run: RunDirectory, force: boolean) {
  const store: Store = await openCheckpoints(run);
  const keys = new Map<number, string>();
  const all: Header[] = [];
  const read = (key: string) => readCheckpoint(store, key, { engineVersion: engineIdentity().version, force });
  for (const key of await listCheckpoints(store)) {
    const { step, seconds, stateHash, extra } = await read(key);
    keys.set(step, key);
    const isTold = (extra as CheckpointExtra).class !== 'tolerance';
    all.push({ step, seconds, stateHash, told: isTold ? stateHash : undefined });
  }
  return { all, read: (step: number) => read(keys.get(step)!) };
}

const finalHash = (run: RunDirectory, checkpoints: readonly Header[]): string | undefined =>
  run.result?.stateHash ?? checkpoints.at(-1)?.told;

function commonMoments(a: readonly Header[], b: readonly Header[]): Moment[] {
  return a.flatMap((left) => {
    const right = b.find(({ seconds }) => Math.abs(seconds - left.seconds) <= 1e-9 * Math.max(1, left.seconds));
    if (!right) return [];
    return [
      {
        seconds: left.seconds,
        step: { a: left.step, b: right.step },
        stateHash: { a: left.told, b: right.told },
        equal: left.stateHash === right.stateHash,
      },
    ];
  });
}

function differenceOf(a: Checkpoint, b: Checkpoint, grid: Grid): StateDifference | undefined {
  return firstDifference([...a.prognostic, ...a.auxiliary], [...b.prognostic, ...b.auxiliary], grid);
}

const normsOf = (a: Checkpoint, b: Checkpoint, grid: Grid): readonly Norms[] =>
  a.prognostic.flatMap((field) => {
    const other = b.prognostic.find(({ name }) => name === field.name);
    return other ? [differenceNorms(field, other, grid)] : [];
  });

async function stationDifferences(a: RunDirectory, b: RunDirectory): Promise<readonly StationDifference[]> {
  const [left, right] = [await recordsOf(a), await recordsOf(b)];
  return left.flatMap((series) => {
    const other = right.find(({ station }) => station.name === series.station.name);
    return other ? [seriesDifference(series, other)] : [];
  });
}

async function recordsOf(run: RunDirectory): Promise<readonly StationSeries[]> {
  const store = await openOutput(run);
  return store ? readStations(store) : [];
}

function seriesDifference(a: StationSeries, b: StationSeries): StationDifference {
  const values = (series: StationSeries) => series.values[SEA_SURFACE_HEIGHT.name]!;
  const other = new Map(b.seconds.map((seconds, k) => [seconds, values(b)[k]!]));
  let [samples, largest, squares] = [0, 0, 0];
  a.seconds.forEach((seconds, k) => {
    const value = other.get(seconds);
    if (value === undefined) return;
    const apart = Math.abs(values(a)[k]! - value);
    samples++;
    squares += apart * apart;
    if (apart > largest) largest = apart;
  });
  const complete = samples === a.seconds.length && samples === b.seconds.length;
  return {
    id: a.station.id,
    samples,
    largest,
    rms: samples > 0 ? Math.sqrt(squares / samples) : 0,
    equal: complete && largest === 0,
  };
}

const figure = (value: number): string => (value === 0 ? '0' : value.toExponential(2));

const normsTable = (norms: readonly Norms[]): string =>
  table([
    ['field', 'l1', 'l2', 'l∞', 'relative l1', 'l2', 'l∞'],
    ...norms.map(({ field, l1, l2, lInfinity, relative }) => [
      field,
      ...[l1, l2, lInfinity, relative.l1, relative.l2, relative.lInfinity].map(figure),
    ]),
  ]);

const stationsTable = (stations: readonly StationDifference[]): string =>
  table([
    ['station', 'largest [m]', 'rms [m]', 'samples'],
    ...stations.map(({ id, largest, rms, samples }) => [id, figure(largest), figure(rms), String(samples)]),
  ]);
