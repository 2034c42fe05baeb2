import { sin } from '../engine/math/index.ts';
import { totalSlip } from '../engine/sources/rupture.ts';
import { type Subfault, upperEdge } from '../engine/sources/subfault.ts';
import { earthquakeMoment, type StatedFaults } from './earthquake-moment.ts';
import { faultFootprint } from './fault-footprint.ts';
import { checkCost, type Machine, type Prediction } from './prediction.ts';
import type { EarthquakeSource, Scenario, SolitaryWaveSource } from './scenario.ts';
import { recordedStations } from './scenario.ts';
import { COURANT_LIMIT } from './schema.ts';

/** Something that a scenario says and the world does not: a warning to read, or an error that no run should pass. */
export interface Finding {
  readonly severity: 'warning' | 'error';
  readonly tag: string;
  /** The key that it is about, as `sources[0].magnitude`. */
  readonly path: string;
  readonly message: string;
  readonly cure: string;
}

export interface WetCell {
  readonly longitude: number;
  readonly latitude: number;
  /** Of the water [m]. */
  readonly depth: number;
  /** From the point asked for [m]. */
  readonly distance: number;
}

/** What the checks need to know of the world; what is left out is not checked. */
export interface SanityFacts {
  /** Subfaults of each source by its place in the list, for sources that name a table, with what the table states. */
  readonly faultTables?: ReadonlyMap<number, StatedFaults>;
  /** Depth of water at rest [m], negative on land, on the grid of the run. */
  readonly depthAt?: (longitude: number, latitude: number) => number;
  readonly nearestWet?: (longitude: number, latitude: number) => WetCell | undefined;
  /** The largest stable time step [s], at the summed Courant number `COURANT_LIMIT`. */
  readonly stableStep?: number;
  readonly prediction?: Prediction;
  readonly machine?: Machine;
}

const MAGNITUDE_TOLERANCE = 0.1;
const DEEP_FOR_A_TSUNAMI = 100e3;
/** The deepest earthquakes known, rounded up. */
const DEEPEST_EARTHQUAKE = 700e3;
const BREAKING = 0.78;

/** Everything that the facts given allow to be checked, in the order of the scenario. */
export function checkScenario(scenario: Scenario, facts: SanityFacts): readonly Finding[] {
  return [
    ...checkTime(scenario, facts.stableStep),
    ...scenario.sources.flatMap((_, index) => checkSource(scenario, index, facts)),
    ...checkStations(scenario, facts),
    ...checkOutput(scenario),
    ...(facts.prediction ? checkCost(facts.prediction, facts.machine ?? {}) : []),
  ];
}

function checkSource(scenario: Scenario, index: number, facts: SanityFacts): readonly Finding[] {
  const path = `sources[${index}]`;
  const source = scenario.sources[index]!;
  switch (source.type) {
    case 'earthquake': {
      const { faults } = source;
      const table = faults.kind === 'inline' ? { subfaults: faults.subfaults } : facts.faultTables?.get(index);
      return table ? checkEarthquake(source, table, path, facts.depthAt) : [];
    }
    case 'gaussian':
      return checkOnWater(source, path, facts);
    case 'solitary-wave':
      return checkSolitaryWave(source, scenario, path);
    case 'incident-wave':
      return source.wave.kind === 'solitary' ? checkBreaking(source.wave, `${path}.solitary`) : [];
    case 'surface':
      return [];
  }
}

export function checkEarthquake(
  source: EarthquakeSource,
  table: StatedFaults,
  path: string,
  depthAt?: (longitude: number, latitude: number) => number,
): readonly Finding[] {
  return [
    ...checkMagnitude(source, table, path),
    ...checkSlip(source, table.subfaults, path),
    ...checkFaultDepth(table.subfaults, path),
    ...(depthAt ? checkUnderWater(table.subfaults, path, depthAt) : []),
  ];
}

/** The magnitude that slip × area × rigidity makes, against the one stated. */
export function checkMagnitude(source: EarthquakeSource, table: StatedFaults, path: string): readonly Finding[] {
  const { moment, magnitude: implied, stated, rigidity } = earthquakeMoment(source, table);
  if (moment === 0) {
    const cure = 'give some subfault slip, and a scale other than 0';
    return [{ severity: 'warning', tag: 'NoSlip', path, message: 'no subfault slips: the source does nothing', cure }];
  }
  if (stated === undefined || Math.abs(implied - stated) <= MAGNITUDE_TOLERANCE) return [];
  // Each unit of magnitude is a factor of 10^1.5 in moment.
  const ratio = moment / 10 ** (1.5 * stated + 9.05);
  const message =
    `slip × area × rigidity (${round(rigidity / 1e9)} GPa) is ${moment.toPrecision(3)} N m, magnitude ${implied.toFixed(2)}, ` +
    `and the magnitude stated is ${stated}: ${ratio > 1 ? `${round(ratio)} times` : `1/${round(1 / ratio)} of`} its moment`;
  const cure = `write magnitude: ${implied.toFixed(1)}, or check slip, length, width and rigidity (scale: ${round(source.scale / ratio)} would give ${stated})`;
  return [{ severity: 'warning', tag: 'MagnitudeMismatch', path: `${path}.magnitude`, message, cure }];
}

/** Slip beyond what the largest earthquakes had: centimetres taken for metres, as a rule. */
export function checkSlip(source: EarthquakeSource, subfaults: readonly Subfault[], path: string): readonly Finding[] {
  const slipOf = (subfault: Subfault): number => Math.abs(totalSlip(subfault) * source.scale);
  const [first] = subfaults;
  if (!first) return [];
  const worst = subfaults.reduce((most, subfault) => (slipOf(subfault) > slipOf(most) ? subfault : most), first);
  const slip = slipOf(worst);
  if (slip <= source.maximumSlip) return [];
  const message = `subfault ${worst.name} slips ${round(slip)} m; more than ${source.maximumSlip} m is taken for a mistake`;
  const cure = `check the unit (${round(slip)} cm?), or write maximumSlip: ${Math.ceil(slip / 10) * 10} m if it is meant`;
  return [{ severity: 'warning', tag: 'LargeSlip', path, message, cure }];
}

export function checkFaultDepth(subfaults: readonly Subfault[], path: string): readonly Finding[] {
  const bottomOf = (subfault: Subfault): number =>
    upperEdge(subfault) + subfault.width * sin((subfault.dip * Math.PI) / 180);
  const [first] = subfaults;
  if (!first) return [];
  const worst = subfaults.reduce((most, subfault) => (bottomOf(subfault) > bottomOf(most) ? subfault : most), first);
  const bottom = bottomOf(worst);
  if (bottom <= DEEP_FOR_A_TSUNAMI) return [];
  const reaches = `subfault ${worst.name} reaches ${round(bottom / 1000)} km down`;
  const cure = `check the units of depth and width: ${round(worst.depth / 1000)} km and ${round(worst.width / 1000)} km`;
  if (bottom > DEEPEST_EARTHQUAKE)
    return [
      {
        severity: 'error',
        tag: 'FaultTooDeep',
        path,
        message: `${reaches}; no earthquake is deeper than ${DEEPEST_EARTHQUAKE / 1000} km`,
        cure,
      },
    ];
  return [
    {
      severity: 'warning',
      tag: 'DeepFault',
      path,
      message: `${reaches}; faults that raise tsunamis lie above ${DEEP_FOR_A_TSUNAMI / 1000} km`,
      cure,
    },
  ];
}

/** How much of the moment lies under land: a source with the sign of its longitude wrong lies under a continent. */
export function checkUnderWater(
  subfaults: readonly Subfault[],
  path: string,
  depthAt: (longitude: number, latitude: number) => number,
): readonly Finding[] {
  let dry = 0;
  let whole = 0;
  for (const subfault of subfaults) {
    const weight = subfault.length * subfault.width * Math.abs(totalSlip(subfault));
    const points = faultFootprint(subfault);
    whole += weight;
    dry +=
      (weight * points.filter(([longitude, latitude]) => !(depthAt(longitude, latitude) > 0)).length) / points.length;
  }
  const share = whole > 0 ? dry / whole : 0;
  if (share < 0.75) return [];
  const { longitude, latitude } = subfaults[0]!;
  const cure = `check the signs of longitude ${longitude} and latitude ${latitude}: west and south are negative`;
  // A fault under the coast lifts the sea beside it; one far inland is a mistake.
  const severity = share > 0.999 && !isNearWater(longitude, latitude, depthAt) ? 'error' : 'warning';
  const message = `${Math.round(100 * share)} % of the source lies under land`;
  return [{ severity, tag: 'SourceUnderLand', path, message, cure }];
}

/** Whether there is water within 300 km, looked for every 50 km in eight directions. */
function isNearWater(
  longitude: number,
  latitude: number,
  depthAt: (longitude: number, latitude: number) => number,
): boolean {
  const degree = 111e3;
  const shrink = Math.max(0.01, sin(((90 - Math.abs(latitude)) * Math.PI) / 180));
  for (let turn = 0; turn < 360; turn += 45) {
    const [north, east] = [sin(((90 - turn) * Math.PI) / 180), sin((turn * Math.PI) / 180)];
    for (let far = 50e3; far <= 300e3; far += 50e3) {
      const at = latitude + (far * north) / degree;
      const around = longitude + (far * east) / (degree * shrink);
      if (Math.abs(at) < 90 && depthAt(((around + 540) % 360) - 180, at) > 0) return true;
    }
  }
  return false;
}

function checkOnWater(
  source: { readonly longitude: number; readonly latitude: number },
  path: string,
  facts: SanityFacts,
): readonly Finding[] {
  const { longitude, latitude } = source;
  if (!facts.depthAt || facts.depthAt(longitude, latitude) > 0) return [];
  return [
    {
      severity: 'warning',
      tag: 'SourceOnLand',
      path,
      message: `the centre (${longitude}, ${latitude}) is on land`,
      cure: toWater(longitude, latitude, facts),
    },
  ];
}

function toWater(longitude: number, latitude: number, { nearestWet }: SanityFacts): string {
  const wet = nearestWet?.(longitude, latitude);
  if (!wet) return 'move it on to water';
  const at = `longitude: ${degrees(wet.longitude)}, latitude: ${degrees(wet.latitude)}`;
  return `the nearest wet cell is ${round(wet.distance / 1000)} km away and ${round(wet.depth)} m deep: write ${at}`;
}

/** Wave height against depth: beyond 0.78 it breaks (McCowan 1894). */
/** A wave so high that it breaks where it begins. */
function checkBreaking(wave: { readonly height: number; readonly depth: number }, path: string): readonly Finding[] {
  if (wave.height / wave.depth <= BREAKING) return [];
  const message = `a wave of ${wave.height} m in ${wave.depth} m of water breaks at once`;
  const cure = `write at most height: ${round(BREAKING * wave.depth)} m`;
  return [{ severity: 'error', tag: 'BreakingWave', path: `${path}.height`, message, cure }];
}

export function checkSolitaryWave(source: SolitaryWaveSource, scenario: Scenario, path: string): readonly Finding[] {
  const findings: Finding[] = [...checkBreaking(source, path)];
  const { grid } = scenario;
  if (grid.kind === 'plane' && (source.position < 0 || source.position > grid.sizeX))
    findings.push({
      severity: 'error',
      tag: 'SourceOutside',
      path: `${path}.position`,
      message: `x = ${source.position} m is outside the plane, 0 to ${grid.sizeX} m`,
      cure: 'move it inside',
    });
  return findings;
}

/** Stations outside the area, and stations on land. */
export function checkStations(scenario: Scenario, facts: SanityFacts): readonly Finding[] {
  const { grid } = scenario;
  const findings: Finding[] = [];
  for (const { name, longitude, latitude } of recordedStations(scenario)) {
    const index = scenario.output.stations.findIndex((station) => station.name === name);
    const observed = scenario.observations.findIndex((observation) => observation.name === name);
    const path = index >= 0 ? `output.stations[${index}]` : `observations[${observed}]`;
    if (
      grid.kind === 'plane' &&
      !(longitude >= 0 && longitude <= grid.sizeX && latitude >= 0 && latitude <= grid.sizeY)
    ) {
      const message = `${name} (x ${longitude} m, y ${latitude} m) is outside the plane of ${grid.sizeX} m × ${grid.sizeY} m`;
      findings.push({
        severity: 'error',
        tag: 'StationOutside',
        path,
        message,
        cure: 'move it inside, or make the plane larger',
      });
    } else if (facts.depthAt && !(facts.depthAt(longitude, latitude) > 0)) {
      const message = `${name} (${longitude}, ${latitude}) is on land on this grid`;
      findings.push({
        severity: 'warning',
        tag: 'StationOnLand',
        path,
        message,
        cure: toWater(longitude, latitude, facts),
      });
    }
  }
  return findings;
}

/** A fixed step against the stable one. */
export function checkTime(scenario: Scenario, stableStep: number | undefined): readonly Finding[] {
  const { step, duration } = scenario.time;
  if (step.kind !== 'fixed' || stableStep === undefined || step.seconds <= stableStep) return [];
  const message = `Δt = ${step.seconds} s exceeds ${round(stableStep)} s, the largest stable step on this grid (Courant number ${COURANT_LIMIT})`;
  const usual = floorTo((stableStep * 1.4) / COURANT_LIMIT);
  const cure = `write step: ${usual} s, or courant: 1.4 to have it chosen (${Math.ceil(duration / usual)} steps)`;
  return [{ severity: 'error', tag: 'UnstableStep', path: 'time.step', message, cure }];
}

/** Intervals that never come round, and those that come round too often. */
export function checkOutput(scenario: Scenario): readonly Finding[] {
  const { duration } = scenario.time;
  const never = scenario.output.fields.flatMap(({ name, every }, index): Finding[] => {
    if (every === undefined || every <= duration) return [];
    const message = `${name} is written every ${every} s, and the run lasts ${duration} s`;
    return [
      {
        severity: 'warning',
        tag: 'NeverWritten',
        path: `output.fields[${index}].every`,
        message,
        cure: 'write a shorter interval, or leave every out: once, at the end',
      },
    ];
  });
  return [...never, ...checkSamples(scenario)];
}

/** Records are kept in memory, and go into every checkpoint. */
const MOST_SAMPLES = 1e6;

/** Samples of all stations together, and moments of each field and of the checkpoints. */
function checkSamples(scenario: Scenario): readonly Finding[] {
  const { output, time } = scenario;
  const findings: Finding[] = [];
  const check = (path: string, samples: number, share: number, every: number, what: string): void => {
    if (samples <= MOST_SAMPLES) return;
    const message = `${what} every ${every} s for ${time.duration} s: ${samples} times, and at most ${MOST_SAMPLES} are kept`;
    const longest = roundUp((time.duration * share) / (MOST_SAMPLES - share));
    const cure = `write every: ${longest} s or longer, or a shorter duration`;
    findings.push({ severity: 'error', tag: 'TooManySamples', path, message, cure });
  };
  const timesOf = (every: number): number => Math.floor(time.duration / every) + 1;
  const stations = recordedStations(scenario);
  const total = stations.reduce((sum, { every }) => sum + timesOf(every), 0);
  const most = stations.reduce((found, { every }, index) => (every < stations[found]!.every ? index : found), 0);
  const busiest = stations[most];
  if (busiest) {
    const { name, every } = busiest;
    const what = stations.length === 1 ? `${name} records` : `${stations.length} stations record, ${name}`;
    const path = most < output.stations.length ? `output.stations[${most}].every` : 'time.duration';
    check(path, total, stations.length, every, what);
  }
  output.fields.forEach(({ name, every }, index) => {
    if (every !== undefined) check(`output.fields[${index}].every`, timesOf(every), 1, every, `${name} is written`);
  });
  const { every } = output.checkpoints;
  if (every !== undefined) check('output.checkpoints.every', timesOf(every), 1, every, 'checkpoints are written');
  return findings;
}

/** Findings as lines for people. */
export function formatFindings(findings: readonly Finding[]): string {
  return findings
    .map(
      ({ severity, path, message, cure }) => `${severity}: ${path === '' ? '' : `${path}: `}${message}.\n    ${cure}.`,
    )
    .join('\n');
}

const round = (value: number): number => Number(value.toPrecision(3));
const floorTo = (value: number): number => {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.floor(value / unit) * unit).toPrecision(2));
};
const roundUp = (value: number): number => {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / unit) * unit).toPrecision(2));
};
const degrees = (value: number): number => Number(value.toFixed(3));
