import type { Place } from '../state.ts';
import type { View } from './projection.ts';

/** Markers, labels and outlines over the globe. */
export interface Overlay {
  /** Draws over what is there. */
  draw(view: View): void;
  /** The station at a place of the picture, if any. */
  pick(view: View, place: Place): string | undefined;
  /** Whether it changes with time alone. */
  readonly isMoving: boolean;
}
