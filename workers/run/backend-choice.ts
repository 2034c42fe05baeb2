/**
 * What a device may differ from WebAssembly by: a share of what a field has moved by (`docs/gpu.md`), and so many ulp of
 * its largest value, since a field that has hardly moved yet is known no better.
 */
export const TOLERANCE = { furthest: { share: 1e-4, ulps: 16 }, rms: { share: 2e-6, ulps: 4 } } as const;
export const ULP = 2 ** -23;

/** How far a field on a device is from the processor's, in its units. */
export interface Deviation {
  readonly field: string;
  readonly furthest: number;
  readonly rms: number;
  readonly allowed: { readonly furthest: number; readonly rms: number };
}

/** What one that might compute a run has shown on the run itself. */
export interface Trial {
  readonly backend: 'wasm' | 'webgpu';
  /** The device and its driver, or the processor's threads. */
  readonly on: string;
  /** Cell-updates a second with all tiles at work; none where it was not tried. */
  readonly speed?: number;
  /** Of the field that differs most. */
  readonly deviation?: Deviation;
  /** Why it may not compute the run. */
  readonly refused?: string;
}

export interface BackendChoice {
  readonly backend: Trial['backend'];
  readonly on: string;
  /** In plain words. */
  readonly reason: string;
  readonly trials: readonly Trial[];
}

/** The fastest that may compute the run; the first of equals. */
export function choiceOf(trials: readonly Trial[]): BackendChoice {
  const fit = trials.filter(({ refused, speed }) => refused === undefined && speed !== undefined);
  const best = fit.reduce((found, one) => (one.speed! > found.speed! ? one : found));
  const others = trials.filter((one) => one !== best);
  const reason =
    fit.length > 1
      ? `${(best.speed! / Math.max(...fit.filter((one) => one !== best).map(({ speed }) => speed!))).toPrecision(3)} times the next one’s speed`
      : (others[0]?.refused ?? 'nothing else is here');
  return { backend: best.backend, on: best.on, reason, trials };
}

/** The largest difference of any field, or what is wrong with it. */
export function judge(deviations: readonly Deviation[]): Pick<Trial, 'deviation' | 'refused'> {
  const worst = deviations.reduce((found, one) => (sizeOf(one) <= sizeOf(found) ? found : one));
  if (sizeOf(worst) <= 1) return { deviation: worst };
  const { field, furthest, rms, allowed } = worst;
  const said = (of: { readonly furthest: number; readonly rms: number }) =>
    `${of.furthest.toExponential(1)} (rms ${of.rms.toExponential(1)})`;
  return { deviation: worst, refused: `${field} is ${said({ furthest, rms })} off, and ${said(allowed)} is allowed` };
}

/** In units of what is allowed. */
const sizeOf = ({ furthest, rms, allowed }: Deviation): number =>
  Math.max(ratio(furthest, allowed.furthest), ratio(rms, allowed.rms));

/** Of a field that is zero everywhere nothing is allowed, and nothing is found. */
function ratio(found: number, allowed: number): number {
  if (Number.isNaN(found)) return Number.POSITIVE_INFINITY;
  return found === 0 ? 0 : found / allowed;
}
