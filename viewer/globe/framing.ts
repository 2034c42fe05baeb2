import * as state from '../state.ts';
import type { View } from './projection.ts';

/** Height of what the time bar covers [px]. */
const FOOT = 112;
/** What title and bars cover on a phone [px]. */
const HEAD = 84;
const NARROW_FOOT = 330;
/** Pictures narrower than this have panels at their foot [px]. */
const NARROW = 760;

/** The view that the state asks for, on what panels leave free of a canvas. */
export function viewOn({ clientWidth: width, clientHeight: height }: HTMLCanvasElement): View {
  const isNarrow = width < NARROW;
  return {
    ...state.camera.value,
    projection: state.run.value?.grid.kind === 'plane' ? 'equirectangular' : state.projection.value,
    width,
    height,
    head: isNarrow ? HEAD : 0,
    // On a phone an open panel covers half of the picture.
    foot: !isNarrow ? FOOT : state.panel.value === undefined ? NARROW_FOOT : 0.62 * height,
  };
}
