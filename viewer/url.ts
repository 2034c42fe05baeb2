import { effect } from '@preact/signals';
import { actions } from './actions.ts';
import { chosenNode, wantedRun } from './cluster.ts';
import { computation, imagined, linked } from './compute/computation.ts';
import * as state from './state.ts';

/**
 * The state that a link carries, behind the #: run, field, time, view, layers, colours, pins, comparison, node, whether the
 * page is to compute the run and what hash it should reach. A token is taken
 * out of the address as soon as it is read, so that a link that is passed on cannot change runs.
 */
const PROJECTIONS: readonly state.ProjectionName[] = ['globe', 'equirectangular', 'mercator', 'mollweide', 'polar'];
const TOKEN = 'terrella.token';

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
const numbers = (text: string | null, count: number): number[] | undefined => {
  const found = text?.split(',').map(Number);
  return found?.length === count && found.every(Number.isFinite) ? found : undefined;
};

/** What the state reads as in an address. */
export function writeLink(): string {
  const parameters = new URLSearchParams();
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') parameters.set(name, value);
  };
  const { longitude, latitude, zoom } = state.camera.value;
  // An earthquake of this page's own is thought up again on the run that others know.
  const own = state.isHere.value ? imagined.value : undefined;
  set('run', own?.run ?? state.runId.value);
  set('what-if', own && [own.asked.longitude, own.asked.latitude, own.asked.magnitude].join(','));
  set('field', state.fieldName.value);
  set('t', state.seconds.value === undefined ? undefined : String(rounded(state.seconds.value, 1)));
  set('view', state.projection.value === 'globe' ? undefined : state.projection.value);
  if (state.isTurned.value) set('at', [rounded(longitude, 2), rounded(latitude, 2), rounded(zoom, 2)].join(','));
  set(
    'layers',
    Object.entries(state.layers.value)
      .filter(([, on]) => on)
      .map(([name]) => name)
      .join(','),
  );
  set('relief', state.exaggeration.value === 1 ? undefined : String(rounded(state.exaggeration.value, 2)));
  const { map, limits, logarithmic } = state.colours.value;
  set('colours', map);
  set('limits', limits?.join(','));
  set('log', logarithmic === undefined ? undefined : logarithmic ? '1' : '0');
  set('pins', state.pins.value.map((pin) => `${rounded(pin.longitude, 3)},${rounded(pin.latitude, 3)}`).join(';'));
  set('station', state.chosenStation.value);
  set('panel', state.panel.value);
  set('node', chosenNode.value);
  set('cluster-run', wantedRun.value);
  const comparison = state.comparison.value;
  set('compare', comparison && [comparison.mode, rounded(comparison.at, 2), comparison.run].join(','));
  const { value: found } = computation;
  const isHere = linked.value.isAsked || state.isHere.value;
  set('here', isHere ? '1' : undefined);
  // Whoever opens the link sees whether the same comes of it.
  if (isHere) set('hash', found.phase === 'done' ? found.result.stateHash : linked.value.stateHash);
  // Commas and semicolons need no escape in a fragment.
  return parameters.toString().replace(/%2C/g, ',').replace(/%3B/g, ';');
}

/** Takes what a link says; what it does not say, or says wrongly, stays as it is. */
export function readLink(link: string): void {
  const parameters = new URLSearchParams(link);
  const token = parameters.get('token');
  if (token) {
    sessionStorage.setItem(TOKEN, token);
    // At once: whoever copies the address must not pass the token on.
    parameters.delete('token');
    history.replaceState(null, '', `#${parameters}`);
  }
  state.token.value = token ?? sessionStorage.getItem(TOKEN) ?? undefined;

  const run = parameters.get('run');
  if (run) state.runId.value = run;
  const field = parameters.get('field');
  if (field) state.fieldName.value = field;
  const seconds = numbers(parameters.get('t'), 1)?.[0];
  if (seconds !== undefined && seconds >= 0) state.seconds.value = seconds;
  const projection = parameters.get('view') as state.ProjectionName | null;
  if (projection && PROJECTIONS.includes(projection)) state.projection.value = projection;
  const at = numbers(parameters.get('at'), 3);
  if (at && Math.abs(at[1]!) <= 90 && at[2]! > 0) {
    state.isTurned.value = true;
    state.camera.value = { longitude: at[0]!, latitude: at[1]!, zoom: Math.max(0.5, Math.min(60, at[2]!)) };
  }
  const layers = parameters.get('layers');
  if (layers !== null) {
    const on = new Set(layers.split(','));
    state.layers.value = Object.fromEntries(
      Object.keys(state.layers.value).map((name) => [name, on.has(name)]),
    ) as unknown as state.Layers;
  }
  const relief = numbers(parameters.get('relief'), 1)?.[0];
  if (relief !== undefined) state.exaggeration.value = Math.max(0, Math.min(5, relief));
  const limits = numbers(parameters.get('limits'), 2);
  const map = parameters.get('colours');
  const log = parameters.get('log');
  state.colours.value = {
    ...(map ? { map } : {}),
    ...(limits && limits[0]! < limits[1]! ? { limits: [limits[0]!, limits[1]!] as const } : {}),
    ...(log === null ? {} : { logarithmic: log === '1' }),
  };
  const pins = parameters.get('pins');
  if (pins)
    state.pins.value = pins
      .split(';')
      .slice(0, state.MOST_PINS)
      .flatMap((text, k) => {
        const place = numbers(text, 2);
        return place && Math.abs(place[1]!) <= 90
          ? [{ id: 2 * (k + 1), longitude: place[0]!, latitude: place[1]! }]
          : [];
      });
  const station = parameters.get('station');
  if (station) state.chosenStation.value = station;
  const panel = state.PANEL_NAMES.find((name) => name === parameters.get('panel'));
  if (panel) state.panel.value = panel;
  const node = parameters.get('node');
  if (node) chosenNode.value = node;
  const wanted = parameters.get('cluster-run');
  if (wanted) wantedRun.value = wanted;
  const struck = numbers(parameters.get('what-if'), 3);
  const hash = parameters.get('hash');
  linked.value = {
    isAsked: parameters.get('here') === '1',
    ...(hash && /^[0-9a-f]{64}$/.test(hash) ? { stateHash: hash } : {}),
    ...(struck ? { whatIf: { longitude: struck[0]!, latitude: struck[1]!, magnitude: struck[2]! } } : {}),
  };
  const [mode, share, ...other] = parameters.get('compare')?.split(',') ?? [];
  if ((mode === 'swipe' || mode === 'difference') && other.length > 0)
    state.comparison.value = { mode, at: Math.max(0, Math.min(1, Number(share) || 0.5)), run: other.join(',') };
}

/** Keeps address and state alike. */
export function followLink(): void {
  readLink(location.hash.slice(1));
  let written = '';
  let latest = '';
  let pending: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    latest = writeLink();
    // While somebody turns the globe or plays, the address would change sixty times a second.
    if (pending !== undefined) return;
    pending = setTimeout(() => {
      pending = undefined;
      written = latest;
      history.replaceState(null, '', `#${latest}`);
    }, 250);
  });
  addEventListener('hashchange', () => {
    const link = location.hash.slice(1);
    if (link === written) return;
    const run = new URLSearchParams(link).get('run');
    if (run && run !== state.runId.value) actions.openRun(run);
    readLink(link);
  });
}
