import type { StationReply } from '../../workers/protocol/viewing.ts';
import { durationInWords } from './time-words.ts';
import { valueInWords } from './units.ts';

type Score = NonNullable<StationReply['stations'][number]['score']>;

/** How near the model came to the record, a sentence for each measure. */
export function scoreInWords({ arrival, firstPeak, correlation }: Score): readonly string[] {
  return [
    ...comparison('The first wave', arrival, (value) => `${durationInWords(value)} after the start`, lateness),
    ...comparison('The first crest', firstPeak, (value) => `${valueInWords(value)} m high`, tallness),
    ...(correlation === null
      ? []
      : [`The shapes of the two lines agree ${agreement(correlation)} (correlation ${correlation.toFixed(2)}).`]),
  ];
}

function comparison(
  what: string,
  { model, observed }: { readonly model: number | null; readonly observed: number | null },
  say: (value: number) => string,
  difference: (model: number, observed: number) => string,
): readonly string[] {
  if (model === null && observed === null) return [];
  if (observed === null) return [`${what}: ${say(model!)} in the model; not found in the record.`];
  if (model === null) return [`${what}: ${say(observed)} in the record; not yet in the model.`];
  return [`${what}: ${say(model)} in the model, ${say(observed)} in the record: ${difference(model, observed)}.`];
}

function lateness(model: number, observed: number): string {
  const apart = Math.abs(model - observed);
  if (apart < 30) return 'at the same time';
  return `${durationInWords(apart)} too ${model > observed ? 'late' : 'early'}`;
}

function tallness(model: number, observed: number): string {
  const percent = Math.round(100 * (model / observed - 1));
  if (Math.abs(percent) < 1) return 'the same';
  return `${Math.abs(percent)} % too ${percent > 0 ? 'high' : 'low'}`;
}

const agreement = (correlation: number): string =>
  correlation >= 0.95 ? 'very well' : correlation >= 0.8 ? 'well' : correlation >= 0.5 ? 'roughly' : 'badly';
