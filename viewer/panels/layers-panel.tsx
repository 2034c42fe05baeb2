import type { JSX } from 'preact';
import { exaggeration, type Layers, layers, run } from '../state.ts';
import { Slider, Switch } from './controls.tsx';
import { isNarrow } from './narrow.ts';
import { ProjectionChoice } from './view-controls.tsx';

interface LayerWords {
  readonly name: keyof Layers;
  readonly title: string;
  readonly about: string;
  /** What a run has to have for it. */
  readonly needs?: 'flow' | 'ground' | 'stations' | 'globe';
}

const LAYERS: readonly LayerWords[] = [
  { name: 'field', title: 'Colours', about: 'The chosen quantity, painted on the surface' },
  { name: 'contours', title: 'Contours', about: 'Lines along which it is the same' },
  { name: 'particles', title: 'Flow', about: 'Specks that drift with the current or the wind', needs: 'flow' },
  { name: 'relief', title: 'Relief', about: 'Mountains and the sea floor, lit from the side', needs: 'ground' },
  { name: 'coast', title: 'Coastlines', about: 'Where land meets the sea', needs: 'globe' },
  { name: 'places', title: 'Cities', about: 'Names, more of them the closer you look', needs: 'globe' },
  { name: 'stations', title: 'Stations', about: 'Where the water is recorded', needs: 'stations' },
  { name: 'plates', title: 'Plates', about: 'Edges of the plates of the crust, where most quakes are', needs: 'globe' },
  { name: 'daylight', title: 'Day and night', about: 'Where the sun is up at the time shown', needs: 'globe' },
  { name: 'graticule', title: 'Latitude and longitude', about: 'The grid of the map', needs: 'globe' },
  { name: 'tiles', title: 'Tiles', about: 'The pieces into which the computation is cut' },
];

export default function LayersPanel(): JSX.Element {
  const info = run.value;
  const has = (needs: LayerWords['needs']): boolean => {
    switch (needs) {
      case undefined:
        return true;
      case 'flow':
        return info?.flow !== undefined;
      case 'ground':
        return info?.ground !== undefined;
      case 'stations':
        return (info?.stations.length ?? 0) > 0;
      case 'globe':
        return info?.grid.kind !== 'plane';
    }
  };
  return (
    <>
      {isNarrow.value && <ProjectionChoice />}
      <div class="switches">
        {LAYERS.filter(({ needs }) => has(needs)).map(({ name, title, about }) => (
          <div key={name}>
            <Switch
              title={title}
              about={about}
              on={layers.value[name]}
              onChange={(on) => {
                layers.value = { ...layers.value, [name]: on };
              }}
            />
            {name === 'relief' && layers.value.relief && <Exaggeration />}
          </div>
        ))}
      </div>
    </>
  );
}

function Exaggeration(): JSX.Element {
  const value = exaggeration.value;
  return (
    <Slider
      title="Height of the relief"
      value={value}
      text={value === 1 ? 'as it is' : value === 0 ? 'flat' : `${value} times`}
      low={0}
      high={50}
      step={1}
      onChange={(next) => {
        exaggeration.value = next;
      }}
    />
  );
}
