import { AIR_FIELDS, OCEAN_FIELDS, type Scenario, TRACER_FIELDS } from '../../scenarios/scenario.ts';
import { carriedState } from '../../scenarios/states/carried.ts';
import type { CarriedSettings } from '../../scenarios/states/index.ts';
import type { ColourMapName } from '../plot/colour-maps.ts';
import type { FieldInfo } from '../protocol/viewing.ts';
import { describeOutput } from '../run/output-fields.ts';

/** Elevation of the ground; a run of any equations with a bed can show it. */
export const GROUND = 'surface_altitude';

interface Look {
  readonly title: string;
  readonly colourMap: ColourMapName;
  readonly kind?: 'lasting';
  readonly signed?: true;
  readonly logarithmic?: true;
  /** What lies below zero is of no interest: land. */
  readonly fromZero?: true;
  /** Colour limits from the scale of the run's waves [m]; without it they follow the values. */
  readonly limits?: (wave: number, duration: number) => readonly [number, number];
}

const LOOKS: Readonly<Record<string, Look>> = {
  sea_surface_height_above_mean_sea_level: {
    title: 'Height of the sea surface',
    colourMap: 'tide',
    signed: true,
    limits: (wave) => [-wave, wave],
  },
  sea_water_speed: { title: 'Speed of the water', colourMap: 'thermal', limits: (wave) => [0, wave / 5] },
  eastward_sea_water_velocity: {
    title: 'Speed of the water to the east',
    colourMap: 'tide',
    signed: true,
    limits: (wave) => [-wave / 5, wave / 5],
  },
  northward_sea_water_velocity: {
    title: 'Speed of the water to the north',
    colourMap: 'tide',
    signed: true,
    limits: (wave) => [-wave / 5, wave / 5],
  },
  maximum_amplitude: {
    title: 'Highest wave so far',
    colourMap: 'inferno',
    kind: 'lasting',
    logarithmic: true,
    limits: (wave) => [wave / 50, 4 * wave],
  },
  maximum_speed: {
    title: 'Fastest water so far',
    colourMap: 'thermal',
    kind: 'lasting',
    logarithmic: true,
    limits: (wave) => [wave / 500, 2 * wave],
  },
  arrival_time: {
    title: 'Arrival of the first wave',
    colourMap: 'viridis',
    kind: 'lasting',
    limits: (_, duration) => [0, duration],
  },
  sea_floor_depth_below_mean_sea_level: {
    title: 'Depth of the sea',
    colourMap: 'deep',
    kind: 'lasting',
    fromZero: true,
  },
  surface_altitude: { title: 'Height of the ground', colourMap: 'batlow', kind: 'lasting' },
  geopotential_height: { title: 'Height of the air', colourMap: 'viridis' },
  wind_speed: { title: 'Speed of the wind', colourMap: 'thermal' },
  eastward_wind: { title: 'Wind to the east', colourMap: 'tide', signed: true },
  northward_wind: { title: 'Wind to the north', colourMap: 'tide', signed: true },
  atmosphere_relative_vorticity: { title: 'Turning of the air', colourMap: 'tide', signed: true },
  divergence_of_wind: { title: 'Spreading of the air', colourMap: 'tide', signed: true },
  shallow_water_potential_vorticity: { title: 'Potential vorticity', colourMap: 'tide', signed: true },
  air_density: { title: 'Density of the air', colourMap: 'viridis' },
  cosine_bell: { title: 'Tracer: a cosine bell', colourMap: 'viridis' },
  gaussian_hills: { title: 'Tracer: Gaussian hills', colourMap: 'viridis' },
  cosine_bells: { title: 'Tracer: cosine bells', colourMap: 'viridis' },
  correlated_bells: { title: 'Tracer: correlated bells', colourMap: 'viridis' },
  slotted_cylinders: { title: 'Tracer: slotted cylinders', colourMap: 'viridis' },
};

/** Fields that a run of the scenario can compute at any moment; the one shown first comes first. */
export function computableFields(scenario: Scenario): readonly string[] {
  const { equations, tracers } = scenario.model;
  switch (equations) {
    case 'tsunami':
      return [...OCEAN_FIELDS, ...tracers.map(({ name }) => name), GROUND];
    case 'shallow-water':
      return [...new Set([firstAirField(scenario), ...AIR_FIELDS])];
    case 'transport': {
      const carried = carriedState(scenario.initial.state as CarriedSettings).tracers.map(({ name }) => name);
      return [...TRACER_FIELDS.filter((name) => carried.includes(name)), 'air_density'];
    }
  }
}

/** What moves most visibly: a jet in its vorticity, anything else in its height. */
const firstAirField = ({ initial }: Scenario): string =>
  initial.state?.name.startsWith('galewsky') ? 'atmosphere_relative_vorticity' : 'geopotential_height';

export const isLasting = (field: string): boolean => LOOKS[field]?.kind === 'lasting';

/** East and north components of the flow, among the fields that there are. */
export function flowOf(names: readonly string[]): readonly [string, string] | undefined {
  const pairs = [
    ['eastward_sea_water_velocity', 'northward_sea_water_velocity'],
    ['eastward_wind', 'northward_wind'],
  ] as const;
  return pairs.find((pair) => pair.every((name) => names.includes(name)));
}

export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** A field for the list: title, colours, limits. `range`: of values seen, where the wave's scale does not say. */
export function fieldInfo(
  name: string,
  scenario: Scenario,
  {
    wave,
    range,
    lasting,
  }: { readonly wave: number; readonly range?: ValueRange | undefined; readonly lasting?: boolean },
): FieldInfo {
  const { longName, units } = describeOutput(name, scenario.model.precision, true);
  const look: Look = LOOKS[name] ?? { title: `Concentration of ${name}`, colourMap: 'viridis' };
  const signed = look.signed ?? false;
  return {
    name,
    title: look.title,
    longName,
    units,
    kind: lasting || look.kind === 'lasting' ? 'lasting' : 'moving',
    colourMap: look.colourMap,
    signed,
    limits:
      look.limits?.(wave, scenario.time.duration) ??
      limitsAround({ low: look.fromZero ? 0 : (range?.low ?? 0), high: range?.high ?? 1 }, signed),
    logarithmic: look.logarithmic ?? false,
  };
}

/** The smallest of 1, 2 and 5 times a power of ten that is no less. */
export function roundUp(value: number): number {
  if (!(value > 0 && Number.isFinite(value))) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const digits = [1, 2, 5, 10].find((digit) => digit * power >= value * (1 - 1e-9))!;
  // Through its text, so that 5 · 10⁻⁵ has no tail of nines.
  return Number((digits * power).toPrecision(6));
}

/** Round limits that hold a range, symmetric for a signed field. */
export function limitsAround({ low, high }: ValueRange, signed: boolean): readonly [number, number] {
  if (signed) {
    const most = roundUp(Math.max(Math.abs(low), Math.abs(high)));
    return [-most, most];
  }
  if (!(high > low)) return [low, low + 1];
  const step = roundUp((high - low) / 10);
  const tidy = (value: number) => Number((value * step).toPrecision(6));
  return [tidy(Math.floor(low / step)), tidy(Math.ceil(high / step))];
}
