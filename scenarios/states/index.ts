import { galewsky } from './galewsky.ts';
import type { TestState } from './state.ts';
import { williamson2, williamson5, williamson6 } from './williamson.ts';

export { EARTH, type TestState } from './state.ts';

/** States that a scenario may start from. */
export const STATES = ['williamson-2', 'williamson-5', 'williamson-6', 'galewsky', 'galewsky-unperturbed'] as const;

export interface StateSettings {
  readonly name: (typeof STATES)[number];
  /** By which the flow's axis leans [degrees]; of williamson-2. */
  readonly angle: number;
}

const RADIANS = 0.017453292519943295;

export function testState({ name, angle }: StateSettings): TestState {
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
