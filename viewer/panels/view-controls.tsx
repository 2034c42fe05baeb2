import type { JSX } from 'preact';
import { camera, type ProjectionName, projection, run } from '../state.ts';
import { Choice, IconButton } from './controls.tsx';

export const PROJECTIONS: readonly { readonly value: ProjectionName; readonly title: string }[] = [
  { value: 'globe', title: 'Globe' },
  { value: 'equirectangular', title: 'Map' },
  { value: 'mercator', title: 'Mercator' },
  { value: 'mollweide', title: 'Equal areas' },
  { value: 'polar', title: 'Poles' },
];

export function ProjectionChoice(): JSX.Element | null {
  if (run.value?.grid.kind === 'plane') return null;
  return (
    <Choice
      title="Projection"
      value={projection.value}
      choices={PROJECTIONS.map(({ value, title }) => ({ value, title, icon: value }))}
      onChange={(value) => {
        projection.value = value;
      }}
    />
  );
}

/** How one looks: the projection, how close, and back to where it started. */
export function ViewControls(): JSX.Element {
  return (
    <section class="view-controls" aria-label="View">
      <div class="glass view-projections">
        <ProjectionChoice />
      </div>
      <div class="glass view-zoom">
        <IconButton icon="minus" name="Farther (−)" onPress={() => zoomBy(1 / 1.5)} />
        <IconButton icon="plus" name="Closer (+)" onPress={() => zoomBy(1.5)} />
        <IconButton icon="reset" name="The whole view again" onPress={resetView} />
      </div>
    </section>
  );
}

/** Between the whole globe and what the finest grids have to show. */
const NEAREST = 200;

export function zoomBy(factor: number): void {
  const { zoom, ...place } = camera.value;
  camera.value = { ...place, zoom: Math.max(1, Math.min(NEAREST, zoom * factor)) };
}

/** Towards what happened, as close as at the start. */
export function resetView(): void {
  const [event] = run.value?.events ?? [];
  const { longitude, latitude } = event ?? { longitude: 160, latitude: 20 };
  camera.value = { longitude, latitude: Math.max(-50, Math.min(50, latitude)), zoom: 1 };
}
