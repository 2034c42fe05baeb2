import type { CarriedTracer } from '../../engine/models/transport.ts';
import type { PrescribedWind } from '../../engine/models/wind.ts';
import type { CarriedSettings } from './index.ts';
import {
  type MixingRatio,
  NAIR_LAURITZEN_TRACERS,
  type NairLauritzenCase,
  nairLauritzenWind,
  TWELVE_DAYS,
} from './nair-lauritzen.ts';
import { EARTH } from './state.ts';
import { cosineBell, solidBodyWind } from './williamson-1.ts';

/** A wind, what it carries, and the tracer that its error is told of; after twelve days all is where it was. */
export interface CarriedState {
  readonly wind: PrescribedWind;
  readonly tracers: readonly (CarriedTracer & { readonly at: MixingRatio })[];
  readonly judged: string;
}

const RADIANS = 0.017453292519943295;
const GLOBE = { radius: EARTH.radius, period: TWELVE_DAYS };

export function carriedState({ name, angle, strength, limited }: CarriedSettings): CarriedState {
  const within = (range: { readonly low: number; readonly high: number }) => (limited ? { range } : {});
  if (name === 'williamson-1') {
    const body = { ...GLOBE, angle: angle * RADIANS };
    const bell = { name: 'cosine_bell', at: cosineBell(body), ...within({ low: 0, high: 1 }) };
    return { wind: solidBodyWind(body), tracers: [bell], judged: bell.name };
  }
  const which = Number(name.slice(-1)) as NairLauritzenCase;
  return {
    wind: nairLauritzenWind(which, { ...GLOBE, ...(strength === undefined ? {} : { strength }) }),
    tracers: Object.entries(NAIR_LAURITZEN_TRACERS).map(([tracer, { of, range }]) => ({
      name: tracer.replace('-', '_'),
      at: of(which),
      ...within(range),
    })),
    judged: 'gaussian_hills',
  };
}
