import { actions } from '../actions.ts';
import { camera, field, type PanelName, panel, projection, run } from '../state.ts';
import { showField } from './legend.tsx';
import { goLive, stepFrames, togglePlaying } from './playback.ts';
import { PROJECTIONS } from './view-controls.tsx';

/** What keys do anywhere on the page; the canvas has its own for turning and zooming. */
export const KEYS: readonly { readonly keys: readonly string[]; readonly words: string; readonly act: () => void }[] = [
  { keys: [' '], words: 'Play or pause', act: togglePlaying },
  { keys: ['['], words: 'One picture back', act: () => stepFrames(-1) },
  { keys: [']'], words: 'One picture on', act: () => stepFrames(1) },
  { keys: ['l'], words: 'To the newest picture', act: goLive },
  { keys: ['f'], words: 'Show the next quantity', act: showNextField },
  ...PROJECTIONS.map(({ value, title }, k) => ({
    keys: [String(k + 1)],
    words: title,
    act: () => {
      if (run.value?.grid.kind !== 'plane') projection.value = value;
    },
  })),
  {
    keys: ['p'],
    words: 'Probe the middle of the view',
    act: () => {
      const { longitude, latitude } = camera.value;
      panel.value = 'probe';
      actions.addPin({ longitude, latitude });
    },
  },
  { keys: ['s'], words: 'Stations', act: () => toggle('stations') },
  { keys: ['c'], words: 'Compute it here', act: () => toggle('compute') },
  { keys: ['?'], words: 'This list', act: () => toggle('help') },
  {
    keys: ['Escape'],
    words: 'Close the panel',
    act: () => {
      panel.value = undefined;
    },
  },
];

function toggle(name: PanelName): void {
  panel.value = panel.value === name ? undefined : name;
}

function showNextField(): void {
  const fields = run.value?.fields ?? [];
  const at = fields.findIndex(({ name }) => name === field.value?.name);
  const next = fields[(at + 1) % fields.length];
  if (next) showField(next.name);
}

export function listenToKeys(): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target, event.key)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const found = KEYS.find(({ keys }) => keys.includes(key));
    if (!found) return;
    event.preventDefault();
    found.act();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

/** Letters belong to a text that is being typed, Space also to whatever it would press; Escape to nobody. */
function isTyping(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement) || key === 'Escape') return false;
  if (target.closest('select, textarea, input:not([type=range], [type=checkbox], [type=radio])')) return true;
  return key === ' ' && target.closest('button, a, summary, input') !== null;
}
