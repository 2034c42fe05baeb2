import type { JSX } from 'preact';
import { actions } from '../actions.ts';
import { camera, events, type ProjectionName, projection, run } from '../state.ts';
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

function zoomBy(factor: number): void {
  actions.flyTo(camera.value, camera.value.zoom * factor);
}

/** Towards what happened, and all of it. */
function resetView(): void {
  const { longitude, latitude } = events.value[0] ?? { longitude: 160, latitude: 20 };
  actions.flyTo({ longitude, latitude: 0.6 * latitude }, 1);
}
