import { BathymetryError } from './errors.ts';
import { type GriddedFile, type GriddedVariable, numberAttribute, textAttribute } from './gridded-file.ts';
import type { ReadOptions } from './read-options.ts';

/** CF standard names of heights of the solid surface, positive up, and of depths, positive down. CF table, version 85. */
const UPWARD = new Set([
  'height_above_mean_sea_level',
  'height_above_geopotential_datum',
  'height_above_reference_ellipsoid',
  'surface_altitude',
  'bedrock_altitude',
  'ground_level_altitude',
  'altitude',
  'height',
]);
const DOWNWARD = new Set([
  'depth',
  'sea_floor_depth',
  'sea_floor_depth_below_geoid',
  'sea_floor_depth_below_geopotential_datum',
  'sea_floor_depth_below_mean_sea_level',
  'sea_floor_depth_below_reference_ellipsoid',
  'sea_floor_depth_below_sea_level',
  'sea_floor_depth_below_sea_surface',
  'model_sea_floor_depth_below_geoid',
]);
const UPWARD_NAMES = ['z', 'elevation', 'band1', 'topo', 'topography', 'relief', 'bed', 'bedrock', 'altitude', 'rose'];
const EITHER_NAMES = ['bathymetry', 'bathy', 'depth', 'deptho', 'bathymetrie'];
const DISPLACEMENT_NAMES = ['displacement', 'dz', 'eta', 'deformation', 'uplift', 'surface'];

const METRES: Readonly<Record<string, number>> = {
  m: 1,
  metre: 1,
  metres: 1,
  meter: 1,
  meters: 1,
  km: 1000,
  kilometre: 1000,
  kilometres: 1000,
  kilometer: 1000,
  kilometers: 1000,
  cm: 0.01,
  centimetre: 0.01,
  centimetres: 0.01,
  centimeter: 0.01,
  centimeters: 0.01,
  mm: 0.001,
  ft: 0.3048,
  foot: 0.3048,
  feet: 0.3048,
  fathom: 1.8288,
  fathoms: 1.8288,
};

const metresIn = (units: string): number | undefined => METRES[units.toLowerCase()];

/** The variable that the options name, or the one that CF attributes, then its name, then units single out. */
export function chooseVariable(file: GriddedFile, options: ReadOptions): GriddedVariable {
  const listed = () =>
    file.variables.map((variable) => `${variable.name}(${variable.shape.join(' × ')})`).join(', ') || 'none';
  if (options.variable !== undefined) {
    const named = file.variables.find(({ name }) => name === options.variable);
    if (named) return named;
    throw new BathymetryError({
      tag: 'NoElevationVariable',
      file: file.path,
      variable: options.variable,
      problem: `the file has no such variable. It has ${listed()}.`,
      cure: 'Name one of these.',
    });
  }
  const fields = file.variables.filter(({ shape }) => shape.filter((length) => length > 1).length >= 2);
  const names = options.quantity === 'displacement' ? DISPLACEMENT_NAMES : [];
  const byName = (wanted: readonly string[]) => fields.filter(({ name }) => wanted.includes(name.toLowerCase()));
  const standard = (wanted: ReadonlySet<string>) =>
    fields.filter((variable) => wanted.has(textAttribute(variable, 'standard_name')));
  const groups = [
    byName(names),
    standard(UPWARD),
    standard(DOWNWARD),
    byName(UPWARD_NAMES),
    byName(EITHER_NAMES),
    fields.filter((variable) => metresIn(textAttribute(variable, 'units')) !== undefined),
    options.quantity === 'displacement' ? fields : [],
  ];
  const found = groups.find((group) => group.length > 0);
  if (!found) {
    throw new BathymetryError({
      tag: 'NoElevationVariable',
      file: file.path,
      problem: `no two-dimensional variable looks like an elevation by standard_name, name or units. The file has ${listed()}.`,
      cure: 'Name the one to read with variable: NAME.',
    });
  }
  if (found.length > 1) {
    throw new BathymetryError({
      tag: 'AmbiguousVariable',
      file: file.path,
      problem: `${found.map(({ name }) => name).join(', ')} could each be the elevation.`,
      cure: 'Name the one to read with variable: NAME.',
    });
  }
  return found[0];
}

export interface ChosenAxes {
  readonly latitude: GriddedVariable;
  readonly longitude: GriddedVariable;
  readonly latitudeAxis: number;
  readonly longitudeAxis: number;
  readonly coordinates: 'geographic' | 'plane';
  /** Factor from the coordinate's units to degrees or metres. */
  readonly factor: number;
  /** Index to read along every other axis. */
  readonly fixed: readonly number[];
}

type AxisRole = 'latitude' | 'longitude' | 'x' | 'y';

/** CF-1.11 §4.1, §4.2 and §5.6, then the names in use. */
function axisRole(variable: GriddedVariable): AxisRole | undefined {
  const standard = textAttribute(variable, 'standard_name');
  if (standard === 'latitude' || standard === 'longitude') return standard;
  if (standard === 'projection_x_coordinate') return 'x';
  if (standard === 'projection_y_coordinate') return 'y';
  const units = textAttribute(variable, 'units').toLowerCase();
  if (/^degrees?_?(north|n)$/.test(units)) return 'latitude';
  if (/^degrees?_?(east|e)$/.test(units)) return 'longitude';
  const name = variable.name.toLowerCase();
  const metric = metresIn(units) !== undefined;
  if (/^(lat|latitude|nav_lat)$/.test(name)) return 'latitude';
  if (/^(lon|long|longitude|nav_lon)$/.test(name)) return 'longitude';
  const axis = textAttribute(variable, 'axis').toUpperCase();
  if (/^(x|easting)$/.test(name) || axis === 'X' || /_x$|^x_/.test(name)) return metric ? 'x' : 'longitude';
  if (/^(y|northing)$/.test(name) || axis === 'Y' || /_y$|^y_/.test(name)) return metric ? 'y' : 'latitude';
  return undefined;
}

/** Finds which axes are latitude and longitude, and fixes the others. Throws BathymetryError. */
export function chooseAxes(file: GriddedFile, variable: GriddedVariable, options: ReadOptions): ChosenAxes {
  const coordinateOf = (axis: number) => {
    const name = variable.dimensions[axis];
    const length = variable.shape[axis];
    const named = file.variables.find((v) => v.name === name && v.shape.length === 1 && v.shape[0] === length);
    if (named || name) return named;
    // HDF5 without dimension scales: the only recognisable coordinate of that length.
    const fitting = file.variables.filter((v) => v.shape.length === 1 && v.shape[0] === length && axisRole(v));
    return fitting.length === 1 ? fitting[0] : undefined;
  };
  const axes = variable.shape.map((_, axis) => {
    const coordinate = coordinateOf(axis);
    return { axis, coordinate, role: coordinate && axisRole(coordinate) };
  });
  const latitude = axes.find(({ role }) => role === 'latitude' || role === 'y');
  const longitude = axes.find(({ role }) => role === 'longitude' || role === 'x');
  if (!latitude?.coordinate || !longitude?.coordinate) {
    const described = variable.dimensions.map((name, axis) => `${name || `axis ${axis}`} = ${variable.shape[axis]}`);
    const curvilinear = file.variables.some((v) => v.shape.length === 2 && axisRole(v) !== undefined);
    throw new BathymetryError({
      tag: curvilinear ? 'IrregularGrid' : 'NoCoordinates',
      file: file.path,
      variable: variable.name,
      problem: curvilinear
        ? 'its latitudes and longitudes are two-dimensional (a curvilinear grid).'
        : `no ${latitude ? 'longitude' : 'latitude'} belongs to its dimensions (${described.join(', ')}).`,
      cure: curvilinear
        ? 'Regrid it to a regular longitude-latitude grid, for example with cdo remapbil.'
        : 'Add a one-dimensional coordinate variable of the dimension’s name with units degrees_north or degrees_east.',
    });
  }
  const units = textAttribute(longitude.coordinate, 'units');
  const coordinates = options.coordinates ?? (longitude.role === 'x' ? 'plane' : 'geographic');
  if (/^rad/i.test(units)) {
    throw new BathymetryError({
      tag: 'UnknownUnits',
      file: file.path,
      variable: longitude.coordinate.name,
      problem: `coordinates are in ${units}.`,
      cure: 'Convert them to degrees.',
    });
  }
  return {
    latitude: latitude.coordinate,
    longitude: longitude.coordinate,
    latitudeAxis: latitude.axis,
    longitudeAxis: longitude.axis,
    coordinates,
    factor: coordinates === 'plane' ? (metresIn(units) ?? 1) : 1,
    fixed: variable.shape.map((length, axis) =>
      axis === latitude.axis || axis === longitude.axis ? 0 : fixedIndex(file, variable, axis, length, options),
    ),
  };
}

function fixedIndex(file: GriddedFile, variable: GriddedVariable, axis: number, length: number, options: ReadOptions) {
  const name = variable.dimensions[axis];
  const chosen = options.index?.[name];
  if (length === 1 && chosen === undefined) return 0;
  if (chosen !== undefined && Number.isInteger(chosen) && chosen >= 0 && chosen < length) return chosen;
  throw new BathymetryError({
    tag: 'InvalidOption',
    file: file.path,
    variable: variable.name,
    problem:
      chosen === undefined
        ? `it has a further dimension ${name} of ${length}.`
        : `index ${chosen} is outside dimension ${name} of ${length}.`,
    cure: `Choose one with index: { ${name}: 0 … ${length - 1} }.`,
  });
}

/** From stored number to metres, positive up: value = stored · factor + offset. */
export interface SignedScale {
  readonly factor: number;
  readonly offset: number;
}

/** CF §8.1 (scale_factor, add_offset), units, and the direction of `positive`. Throws BathymetryError. */
export function signedScale(file: GriddedFile, variable: GriddedVariable, options: ReadOptions): SignedScale {
  const units = textAttribute(variable, 'units');
  const metres = units === '' ? 1 : metresIn(units);
  if (metres === undefined) {
    throw new BathymetryError({
      tag: 'UnknownUnits',
      file: file.path,
      variable: variable.name,
      problem: `units are "${units}", which is no length.`,
      cure: 'Name another variable, or set its units to m.',
    });
  }
  const sign = direction(file, variable, options) === 'up' ? 1 : -1;
  const scale = numberAttribute(variable, 'scale_factor') ?? 1;
  return { factor: sign * metres * scale, offset: sign * metres * (numberAttribute(variable, 'add_offset') ?? 0) };
}

function direction(file: GriddedFile, variable: GriddedVariable, options: ReadOptions): 'up' | 'down' {
  if (options.positive) return options.positive;
  const stated = textAttribute(variable, 'positive').toLowerCase();
  if (stated === 'up' || stated === 'down') return stated;
  const standard = textAttribute(variable, 'standard_name');
  if (UPWARD.has(standard)) return 'up';
  if (DOWNWARD.has(standard)) return 'down';
  if (options.quantity === 'displacement' || !/depth|bathy/i.test(variable.name)) return 'up';
  throw new BathymetryError({
    tag: 'AmbiguousSign',
    file: file.path,
    variable: variable.name,
    problem: 'nothing in the file says whether it counts up or down.',
    cure: 'Say positive: down if it holds depths, positive: up if the sea floor is negative.',
  });
}
