import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { isColourMapName } from '../../workers/plot/colour-maps.ts';
import { type ColourScale, colourFraction, colourScale, colourTicks } from '../../workers/plot/colour-scale.ts';
import { formatNumber, roundStep } from '../../workers/plot/ticks.ts';
import type { FieldInfo } from '../../workers/protocol/viewing.ts';
import {
  colouring,
  colours,
  compared,
  field,
  fieldName,
  otherSeconds,
  panel,
  run,
  secondsShown,
  shown,
} from '../state.ts';
import { IconButton, Unfolding } from './controls.tsx';
import { tickPlace } from './tick-place.ts';
import { displayOf, valueInWords } from './units.ts';

/** Letters that the bar's texts may have side by side. */
const BAR_LETTERS = 34;

/** What is shown, and what its colours mean. */
export function Legend(): JSX.Element | null {
  const info = field.value;
  const scale = legendScale(info);
  if (!info || !scale) return null;
  const { units } = displayOf(info);
  return (
    <section class="legend glass" aria-label="Legend">
      <div class="legend-line">
        <FieldPicker info={info} />
        {units !== '' && <span class="soft legend-units">{units === 'h' ? 'hours' : units}</span>}
        <IconButton
          icon="colours"
          name="Change the colours"
          kind="small"
          pressed={panel.value === 'colours'}
          onPress={() => {
            panel.value = panel.value === 'colours' ? undefined : 'colours';
          }}
        />
      </div>
      {compared.value !== undefined && <p class="soft legend-note">{comparisonNote()}</p>}
      <ColourBar scale={scale} info={info} />
    </section>
  );
}

/** What the two runs' colours mean, and whether they are of one time. */
function comparisonNote(): string {
  const what = compared.value === 'difference' ? 'This run less the other' : 'This run left, the other right';
  const apart = Math.round(((otherSeconds.value ?? secondsShown.value) - secondsShown.value) / 60);
  if (apart === 0 || field.value?.kind === 'lasting') return what;
  return `${what}, which is ${Math.abs(apart)} min ${apart > 0 ? 'later' : 'earlier'}`;
}

/** The scale in the units that are shown; undefined where a run has no field yet. */
export function legendScale(info: FieldInfo | undefined): ColourScale | undefined {
  if (!info) return undefined;
  const { map, limits, logarithmic } = colouring.value;
  const { factor } = displayOf(info);
  const [low, high] = [limits[0] * factor, limits[1] * factor];
  const name = isColourMapName(map) ? map : 'balance';
  if (!(low < high)) return undefined;
  // A logarithm has no zero: three decades below the top, as pictures have it.
  if (logarithmic && high > 0) return colourScale(name, [low > 0 ? low : high / 1000, high], { logarithmic });
  return colourScale(name, [low, high]);
}

export function gradient(table: Uint8Array): string {
  const stops = Array.from({ length: 52 }, (_, k) => `rgb(${table.subarray(15 * k, 15 * k + 3).join(' ')})`);
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

/** As many ticks as leave room between their texts, and five at most. */
function roomyTicks(scale: ColourScale): ReturnType<typeof colourTicks> {
  for (let count = scale.logarithmic ? 4 : 5; ; count--) {
    const ticks = colourTicks(scale, count);
    const letters = ticks.major.reduce((sum, { text }) => sum + text.length + 2, 0);
    if (letters <= BAR_LETTERS || count <= 1) return ticks;
  }
}

function ColourBar({ scale, info }: { scale: ColourScale; info: FieldInfo }): JSX.Element {
  const { major, minor } = roomyTicks(scale);
  const left = (value: number): string => `${(100 * colourFraction(scale, value)).toFixed(2)}%`;
  return (
    <div class="colour-bar">
      <div class="colour-bar-strip" style={{ background: gradient(scale.table) }} aria-hidden="true">
        {minor.map((value) => (
          <i key={value} style={{ left: left(value) }} />
        ))}
      </div>
      <div class="colour-bar-ticks">
        {major.map(({ value, text }) => (
          <span key={value} style={tickPlace(colourFraction(scale, value))}>
            {info.signed && value > 0 ? `+${text}` : text}
          </span>
        ))}
      </div>
      <DataRange scale={scale} info={info} />
    </div>
  );
}

/** Where the picture's own values lie along the colours. */
function DataRange({ scale, info }: { scale: ColourScale; info: FieldInfo }): JSX.Element | null {
  const picture = shown.value;
  if (!picture || compared.value === 'difference' || picture.field !== info.name || !(picture.low <= picture.high))
    return null;
  const { factor, units } = displayOf(info);
  const [low, high] = [picture.low * factor, picture.high * factor];
  const within = (value: number): number => {
    const fraction = scale.logarithmic && value <= 0 ? 0 : colourFraction(scale, value);
    return 100 * Math.max(0, Math.min(1, fraction));
  };
  return (
    <>
      <div
        class="data-range"
        aria-hidden="true"
        style={{ left: `${within(low)}%`, right: `${100 - within(high)}%` }}
        data-below={low < scale.limits[0]}
        data-above={high > scale.limits[1]}
      />
      <p class="data-range-words soft">
        {info.kind === 'lasting' ? 'So far' : 'In this picture'} {valueInWords(low)} to {valueInWords(high)} {units}
      </p>
    </>
  );
}

function FieldPicker({ info }: { info: FieldInfo }): JSX.Element {
  const fields = run.value?.fields ?? [];
  if (fields.length < 2) return <h2 class="legend-title">{info.title}</h2>;
  return (
    <h2 class="legend-title">
      <Unfolding kind="field-picker" title={`${info.title}. Choose what is shown`} face={<span>{info.title}</span>}>
        {() => (
          <>
            <FieldChoices title="At one time" fields={fields.filter(({ kind }) => kind === 'moving')} chosen={info} />
            <FieldChoices
              title="Over the whole run"
              fields={fields.filter(({ kind }) => kind === 'lasting')}
              chosen={info}
            />
          </>
        )}
      </Unfolding>
    </h2>
  );
}

function FieldChoices({
  title,
  fields,
  chosen,
}: {
  title: string;
  fields: readonly FieldInfo[];
  chosen: FieldInfo;
}): JSX.Element | null {
  const id = useId();
  if (fields.length === 0) return null;
  return (
    <fieldset class="field-choices" aria-labelledby={id}>
      <p class="caption" id={id}>
        {title}
      </p>
      {fields.map(({ name, title: words, longName, units, kind }) => (
        <label key={name} title={longName}>
          <input
            type="radio"
            // All in one group: the two lists are one choice.
            name="field"
            checked={name === chosen.name}
            onChange={() => showField(name)}
          />
          <span>{words}</span>
          <small class="soft">{displayOf({ units, kind }).units}</small>
        </label>
      ))}
    </fieldset>
  );
}

/** Colours chosen by hand belong to the field that they were chosen for. */
export function showField(name: string): void {
  fieldName.value = name;
  colours.value = {};
}

/** A limit as an input has it: no more digits than tell the limits apart. */
export const limitText = (value: number, span: number): string =>
  formatNumber(value, roundStep(Math.abs(span) || 1, 1000)).replace('−', '-');
