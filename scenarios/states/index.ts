import { galewsky } from './galewsky.ts';
import { EARTH, type TestState } from './state.ts';
import { williamson2, williamson5, williamson6 } from './williamson.ts';

export { EARTH, type TestState } from './state.ts';

const PUBLISHED = ['williamson-2', 'williamson-5', 'williamson-6', 'galewsky', 'galewsky-unperturbed'] as const;

/** States that a scenario may start from. */
export const STATES = [...PUBLISHED, 'weather'] as const;

export type StateSettings = PublishedSettings | WeatherSettings;

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
export const stateTraits = (settings: StateSettings): Pick<TestState, 'rotation' | 'steady'> =>
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
