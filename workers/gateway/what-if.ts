import { greatCircleDistance } from '../../engine/grid/great-circle.ts';
import { DEFAULT_RIGIDITY } from '../../engine/sources/moment.ts';
import type { Subfault } from '../../engine/sources/subfault.ts';
import { placeSubfault } from '../../engine/sources/subfault.ts';
import { sourceFromText } from '../../scenarios/faults/source-from-text.ts';
import type { InputFiles } from '../../scenarios/input-files.ts';
import { recordedStations, type Scenario } from '../../scenarios/scenario.ts';
import type { Request } from '../protocol/viewing.ts';
import { EARTH_RADIUS } from '../run/station-cells.ts';
import { Refusal } from './refusal.ts';
import type { RunSource } from './run-source.ts';

export interface WhatIf {
  readonly yaml: string;
  readonly reasons: readonly string[];
}

export type Asked = Omit<Extract<Request, { readonly type: 'what-if' }>, 'type' | 'id' | 'run'>;

/** Magnitudes that raise a tsunami, and that the scaling below was found for and a little beyond. */
const MAGNITUDES = [6.5, 9.5] as const;
/** Beyond this distance from any unit source [m] the fault is no more than imagined. */
const NEAR = 250_000;
/** The upper edge of the rupture lies no higher [m]. */
const SHALLOWEST = 2000;
/** Plates stick to one another no deeper than this, about [m]; a wide rupture lies flatter than a small piece of it. */
const DEEPEST = 60_000;

/** Subduction zones by the first letters of their unit sources, Gica et al. (2008). */
const ZONES: Readonly<Record<string, string>> = {
  acsz: 'Aleutian, Alaska and Cascadia',
  atsz: 'Caribbean',
  cssz: 'Central and South American',
  epsz: 'East Philippine',
  hssz: 'Halmahera',
  iosz: 'Sumatra, Java and Makran',
  kisz: 'Kamchatka, Kuril, Japan and Mariana',
  mosz: 'Manus',
  ngsz: 'New Guinea',
  ntsz: 'Kermadec and Tonga',
  nvsz: 'Solomon and Vanuatu',
  nzsz: 'New Zealand',
  rnsz: 'Ryukyu and Nankai',
  sssz: 'South Sandwich',
  wpsz: 'West Philippine',
};

/**
 * Length, width [m] and mean slip [m] of a rupture between plates. Length and width: Strasser, Arango & Bommer (2010,
 * Seismol. Res. Lett. 81), table 1, interface events; slip so that μ L W D is the moment, Mw = (log₁₀ M₀ − 9.05)/1.5.
 */
export function ruptureOf(magnitude: number, rigidity = DEFAULT_RIGIDITY) {
  const length = 1000 * 10 ** (-2.477 + 0.585 * magnitude);
  const width = 1000 * 10 ** (-0.882 + 0.351 * magnitude);
  const moment = 10 ** (1.5 * magnitude + 9.05);
  return { length, width, slip: moment / (rigidity * length * width), moment };
}

/** A scenario of an earthquake that a visitor thinks up, with the reasons for each choice. Throws Refusal. */
export async function whatIf(
  source: Pick<RunSource, 'scenario' | 'probe'>,
  asked: Asked,
  catalogue: FaultCatalogue | undefined,
): Promise<WhatIf> {
  const { longitude, latitude, magnitude } = asked;
  const scenario = source.scenario();
  if (scenario?.model.equations !== 'tsunami' || scenario.grid.kind !== 'cubed-sphere')
    throw new Refusal(
      'not-possible',
      'this run is no ocean of the whole globe. Open one that is, such as tohoku-2011.',
    );
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 540)
    throw new Refusal('bad-message', `${longitude}, ${latitude} is no longitude and latitude in degrees.`);
  const [least, most] = MAGNITUDES;
  if (magnitude < least || magnitude > most)
    throw new Refusal('not-possible', `magnitude ${magnitude} is out of range. Choose one from ${least} to ${most}.`);
  const field = 'surface_altitude';
  const { ground } = await source.probe({ field, longitude, latitude });
  if (ground !== undefined && ground >= 0)
    throw new Refusal('not-possible', 'there is land at this place. Choose one in the ocean.');
  if (!catalogue)
    throw new Refusal('not-possible', 'there is no catalogue of faults here. Ask a gateway that has one.');
  return imagine(scenario, asked, await nearestUnit(catalogue, longitude, latitude));
}

/** The faults that earthquakes of visitors take their directions from, and where they are read. */
export interface FaultCatalogue {
  readonly file: string;
  readonly files: InputFiles;
}

interface Unit {
  readonly subfault: Subfault;
  readonly distance: number;
  readonly centroidDepth: number;
}

const tables = new Map<string, Promise<readonly Subfault[]>>();

/** The faults of a table, read once. */
function unitsOf({ file, files }: FaultCatalogue): Promise<readonly Subfault[]> {
  let table = tables.get(file);
  if (!table) {
    table = readUnits(file, files);
    tables.set(file, table);
    table.catch(() => tables.delete(file));
  }
  return table;
}

async function readUnits(file: string, files: InputFiles): Promise<readonly Subfault[]> {
  const table = sourceFromText(await files.text(file), file);
  if (table.kind === 'surface')
    throw new Error(`FaultTableError: ${file} is no catalogue of faults. Put the old one back.`);
  return table.subfaults;
}

async function nearestUnit(catalogue: FaultCatalogue, longitude: number, latitude: number): Promise<Unit> {
  let nearest: Unit | undefined;
  for (const subfault of await unitsOf(catalogue)) {
    const distance = greatCircleDistance(longitude, latitude, subfault.longitude, subfault.latitude, EARTH_RADIUS);
    if (nearest && distance >= nearest.distance) continue;
    nearest = { subfault, distance, centroidDepth: 0 };
  }
  return { ...nearest!, centroidDepth: placeSubfault(nearest!.subfault).centroidDepth };
}

const DEGREE = Math.PI / 180;
const kilometres = (metres: number): string => `${Math.round(metres / 1000)} km`;
const degrees = (angle: number): string => `${Number(angle.toFixed(1))}°`;

function imagine(scenario: Scenario, { longitude, latitude, magnitude }: Asked, unit: Unit): WhatIf {
  const { strike, rake, name } = unit.subfault;
  const { length, width, slip, moment } = ruptureOf(magnitude);
  const flattest = Math.asin(Math.min(1, (DEEPEST - SHALLOWEST) / width)) / DEGREE;
  const dip = Number(Math.min(unit.subfault.dip, flattest).toFixed(2));
  const highest = SHALLOWEST + (width / 2) * Math.sin(dip * DEGREE);
  const lowest = DEEPEST - (width / 2) * Math.sin(dip * DEGREE);
  const depth = Math.max(Math.min(unit.centroidDepth, lowest), highest);
  const near = unit.distance <= NEAR;
  const zone = ZONES[name.slice(0, 4)];
  const place = `${placeText(latitude, 'N', 'S')}, ${placeText(wrapped(longitude), 'E', 'W')}`;
  const reasons = [
    near
      ? `The nearest published fault is unit source ${name}${zone ? ` of the ${zone} subduction zone` : ''}, ${kilometres(unit.distance)} away: strike ${degrees(strike)}, dip ${degrees(unit.subfault.dip)}, rake ${degrees(rake)} are its own (Gica et al. 2008).`
      : `No published fault lies within ${kilometres(NEAR)} of here. This earthquake is imagined: its strike ${degrees(strike)}, dip ${degrees(unit.subfault.dip)} and rake ${degrees(rake)} are those of unit source ${name}, ${kilometres(unit.distance)} away.`,
    `Earthquakes of magnitude ${magnitude} between plates break about ${kilometres(length)} by ${kilometres(width)} (Strasser et al. 2010).`,
    `The slip of ${slip.toFixed(1)} m makes the seismic moment ${moment.toExponential(2)} N m of that magnitude, in rock of ${DEFAULT_RIGIDITY / 1e9} GPa.`,
    ...(dip < unit.subfault.dip
      ? [
          `So wide a rupture lies flatter, at ${degrees(dip)}: plates stick together down to some ${kilometres(DEEPEST)}.`,
        ]
      : []),
    depth > unit.centroidDepth
      ? `The middle of the rupture lies ${kilometres(depth)} deep, so that its upper edge stays below the sea floor.`
      : `The middle of the rupture lies ${kilometres(depth)} deep, ${depth < unit.centroidDepth ? 'so that its lower edge is no deeper than that' : 'as that of the unit source'}.`,
    'It breaks all at once, with the same slip everywhere; real earthquakes take minutes and do not.',
    `Grid and length of the run are those of ${scenario.name}.`,
  ];
  const fault = [
    `longitude: ${Number(wrapped(longitude).toFixed(4))}`,
    `latitude: ${Number(latitude.toFixed(4))}`,
    `depth: ${(depth / 1000).toFixed(3)} km`,
    'reference: centroid',
    `length: ${(length / 1000).toFixed(3)} km`,
    `width: ${(width / 1000).toFixed(3)} km`,
    `strike: ${strike % 360}`,
    `dip: ${dip}`,
    `rake: ${rake}`,
    `slip: ${slip.toPrecision(6)} m`,
  ];
  const runName = `what-if-m${magnitude.toFixed(1).replace('.', '-')}-${slug(latitude, 'n', 's')}-${slug(wrapped(longitude), 'e', 'w')}`;
  const title = `What if: an earthquake of magnitude ${Number(magnitude.toFixed(2))} at ${place}`;
  return { yaml: yamlOf(scenario, { name: runName, title, magnitude, fault, reasons }), reasons };
}

interface Imagined {
  readonly name: string;
  readonly title: string;
  readonly magnitude: number;
  readonly fault: readonly string[];
  readonly reasons: readonly string[];
}

function yamlOf(scenario: Scenario, { name, title, magnitude, fault, reasons }: Imagined): string {
  const { grid, time } = scenario;
  if (grid.kind === 'plane') throw new Error('a plane has no earthquakes');
  const step = time.step.kind === 'courant' ? `courant: ${time.step.courant}` : `step: ${time.step.seconds} s`;
  const stations = recordedStations(scenario).map(
    (station) =>
      `    - { name: ${JSON.stringify(station.name)}, longitude: ${station.longitude}, latitude: ${station.latitude} }`,
  );
  return `${[
    'terrella: 1',
    `name: ${name}`,
    `title: ${JSON.stringify(title)}`,
    `description: ${JSON.stringify(reasons.join(' '))}`,
    'references:',
    '  - Gica et al. (2008), Development of the forecast propagation database for SIFT, NOAA Technical Memorandum OAR PMEL-139',
    '  - Strasser, Arango, Bommer (2010), Scaling of the source dimensions of interface and intraslab subduction-zone earthquakes with moment magnitude, Seismol. Res. Lett. 81, 941–950',
    'model:',
    '  equations: tsunami',
    '  precision: float32',
    '  parameters: { manning: 0.025 s m^-1/3 }',
    `grid: { cells: ${grid.cells}, tile: ${grid.tile}, bathymetry: ${bathymetryOf(grid.bathymetry)} }`,
    `time: { start: ${time.start}, duration: ${time.duration} s, ${step} }`,
    'sources:',
    '  - type: earthquake',
    `    magnitude: ${magnitude}`,
    '    faults:',
    `      - { ${fault.join(', ')} }`,
    'output:',
    '  fields:',
    '    - { name: sea_surface_height_above_mean_sea_level, every: 5 min }',
    '    - { name: maximum_amplitude }',
    '    - { name: arrival_time }',
    ...(stations.length > 0 ? ['  stations:', ...stations] : []),
    '  format: zarr',
  ].join('\n')}\n`;
}

/** As a scenario in the library names it. */
function bathymetryOf(bathymetry: Scenario['grid']['bathymetry']): string {
  if (bathymetry.type === 'constant') return `{ constant: ${bathymetry.depth} m }`;
  const files = bathymetry.type === 'layers' ? bathymetry.layers.map(({ file }) => file.replaceAll('\\', '/')) : [];
  const shipped = files.map((file) => /\/scenarios\/(data\/.+)$/.exec(file)?.[1]);
  if (files.length === 1 && shipped[0]?.endsWith('/etopo5.nc')) return 'etopo5';
  return shipped.length > 0 && shipped.every((file) => file !== undefined)
    ? `{ layers: [${shipped.map((file) => JSON.stringify(file)).join(', ')}] }`
    : 'etopo5';
}

const wrapped = (longitude: number): number => ((((longitude + 180) % 360) + 360) % 360) - 180;

const placeText = (angle: number, positive: string, negative: string): string =>
  `${Math.abs(angle).toFixed(1)}° ${angle < 0 ? negative : positive}`;

const slug = (angle: number, positive: string, negative: string): string =>
  `${Math.abs(angle).toFixed(0)}${angle < 0 ? negative : positive}`;
