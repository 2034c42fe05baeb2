import { galewsky } from './galewsky.ts';
import { EARTH, type TestState } from './state.ts';
import { williamson2, williamson5, williamson6 } from './williamson.ts';

export { EARTH, type TestState } from './state.ts';

const PUBLISHED = ['williamson-2', 'williamson-5', 'williamson-6', 'galewsky', 'galewsky-unperturbed'] as const;

const CARRIED = [
  'williamson-1',
  'nair-lauritzen-1',
  'nair-lauritzen-2',
  'nair-lauritzen-3',
  'nair-lauritzen-4',
] as const;

/** States that a scenario may start from, by the equations that they are for. */
export const STATES_OF = { 'shallow-water': [...PUBLISHED, 'weather'], transport: CARRIED } as const;
export const STATES = [...STATES_OF['shallow-water'], ...STATES_OF.transport] as const;

export type AirSettings = PublishedSettings | WeatherSettings;
export type StateSettings = AirSettings | CarriedSettings;

/** Tracers in a wind that is known; `carriedState` has the wind. */
export interface CarriedSettings {
  readonly name: (typeof CARRIED)[number];
  /** By which the axis of williamson-1 leans [degrees]. */
  readonly angle: number;
  /** Of the deforming wind, in radii of the globe a period; the paper's where absent. */
  readonly strength?: number;
  /** Whether tracers are kept within their range. */
  readonly limited: boolean;
}

export const isCarriedName = (name: StateSettings['name']): name is CarriedSettings['name'] =>
  (CARRIED as readonly string[]).includes(name);

export const isCarried = (settings: StateSettings): settings is CarriedSettings => isCarriedName(settings.name);

export interface PublishedSettings {
  readonly name: (typeof PUBLISHED)[number];
  /** By which the flow's axis leans [degrees]; of williamson-2. */
  readonly angle: number;
}

/** Weather on a surface of equal pressure; `weatherState` makes a state of it, once its file is read. */
export interface WeatherSettings {
  readonly name: 'weather';
  /** GRIB2. */
  readonly file: string;
  /** [Pa]. */
  readonly level: number;
  /** Whether the wind loses its divergence and takes the height that it is in balance with. */
  readonly balanced: boolean;
}

/** What is known of a state before any file is read. */
export const stateTraits = (settings: AirSettings): Pick<TestState, 'rotation' | 'steady'> =>
  settings.name === 'weather' ? { rotation: [0, 0, EARTH.rotation], steady: false } : testState(settings);

const RADIANS = 0.017453292519943295;

export function testState({ name, angle }: PublishedSettings): TestState {
  switch (name) {
    case 'williamson-2':
      return williamson2(angle * RADIANS);
    case 'williamson-5':
      return williamson5;
    case 'williamson-6':
      return williamson6;
    case 'galewsky':
      return galewsky(true);
    case 'galewsky-unperturbed':
      return galewsky(false);
  }
}
