import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { type ColourMapName, colourMap, colourMapKind, colourMapNames } from '../../workers/plot/colour-maps.ts';
import type { FieldInfo } from '../../workers/protocol/viewing.ts';
import { colouring, colours, field, shown } from '../state.ts';
import { Switch } from './controls.tsx';
import { gradient, limitText } from './legend.tsx';
import { displayOf, quantity } from './units.ts';

const KINDS = {
  sequential: 'From little to much',
  diverging: 'Below and above zero',
  cyclic: 'Round and round',
} as const;

export default function ColoursPanel(): JSX.Element | null {
  const info = field.value;
  if (!info) return null;
  const isChanged = Object.keys(colours.value).length > 0;
  return (
    <>
      <p class="soft">
        How {info.title.toLowerCase()} turns into colour. Values beyond the limits have the end colours.
      </p>
      <Limits info={info} />
      {!info.signed && (
        <Switch
          title="Each step ten times the one before"
          about="Shows small values beside very large ones"
          on={colouring.value.logarithmic}
          onChange={(logarithmic) => {
            colours.value = { ...colours.value, logarithmic };
          }}
        />
      )}
      <MapChoices />
      <button
        type="button"
        class="button"
        disabled={!isChanged}
        onClick={() => {
          colours.value = {};
        }}
      >
        As it was
      </button>
    </>
  );
}

function Limits({ info }: { info: FieldInfo }): JSX.Element {
  const display = displayOf(info);
  const [low, high] = colouring.value.limits;
  const picture = shown.value?.field === info.name ? shown.value : undefined;
  const [trouble, setTrouble] = useState('');
  const set = (limits: readonly [number, number]): void => {
    const wrong = !(limits[0] < limits[1])
      ? 'The lower limit has to be below the upper one.'
      : colouring.value.logarithmic && limits[1] <= 0
        ? 'Steps of ten need an upper limit above zero.'
        : '';
    setTrouble(wrong);
    if (wrong === '') colours.value = { ...colours.value, limits };
  };
  const { factor } = display;
  const span = (high - low) * factor;
  return (
    <div class="limits">
      <LimitInput title="From" value={low * factor} span={span} onChange={(value) => set([value / factor, high])} />
      <LimitInput title="To" value={high * factor} span={span} onChange={(value) => set([low, value / factor])} />
      <span class="soft">{display.units}</span>
      {picture && (
        <p class="soft">
          This picture goes from {quantity(picture.low, display)} to {quantity(picture.high, display)}.{' '}
          <button
            type="button"
            class="link"
            onClick={() => {
              const size = Math.max(Math.abs(picture.low), Math.abs(picture.high));
              set(info.signed ? [-size, size] : [picture.low, picture.high]);
            }}
          >
            Use that
          </button>
        </p>
      )}
      <p class="trouble-words" role="alert">
        {trouble}
      </p>
    </div>
  );
}

function LimitInput({
  title,
  value,
  span,
  onChange,
}: {
  title: string;
  value: number;
  span: number;
  onChange: (value: number) => void;
}): JSX.Element {
  const [text, setText] = useState(limitText(value, span));
  useEffect(() => setText(limitText(value, span)), [value, span]);
  return (
    <label class="number-input">
      <span>{title}</span>
      <input
        type="text"
        inputMode="decimal"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onChange={({ currentTarget }) => {
          const typed = Number(currentTarget.value.replace('−', '-').replace(',', '.'));
          if (currentTarget.value.trim() !== '' && Number.isFinite(typed)) onChange(typed);
          else setText(limitText(value, span));
        }}
      />
    </label>
  );
}

function MapChoices(): JSX.Element {
  const group = useId();
  const chosen = colouring.value.map;
  const kinds = ['diverging', 'sequential', 'cyclic'] as const;
  return (
    <>
      {kinds.map((kind) => (
        <fieldset key={kind} class="map-choices">
          <legend class="caption">{KINDS[kind]}</legend>
          {colourMapNames
            .filter((name) => colourMapKind(name) === kind)
            .map((name) => (
              <MapChoice key={name} name={name} group={group} chosen={name === chosen} />
            ))}
        </fieldset>
      ))}
    </>
  );
}

function MapChoice({ name, group, chosen }: { name: ColourMapName; group: string; chosen: boolean }): JSX.Element {
  return (
    <label class="map-choice">
      <input
        type="radio"
        class="unseen"
        name={group}
        checked={chosen}
        onChange={() => {
          colours.value = { ...colours.value, map: name };
        }}
      />
      <i style={{ background: gradient(colourMap(name)) }} />
      <span>{name}</span>
    </label>
  );
}
