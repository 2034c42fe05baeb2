import type { FunctionComponent, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { hasCluster, isWatchOnly } from '../cluster.ts';
import { connection, isHere, type PanelName, panel } from '../state.ts';
import { IconButton } from './controls.tsx';
import { Icon, type IconName } from './icons.tsx';
import { isNarrow } from './narrow.ts';

interface PanelWords {
  readonly name: PanelName;
  /** On its button. */
  readonly short: string;
  /** Above the panel. */
  readonly title: string;
  readonly icon: IconName;
  /** Loaded when first opened. */
  readonly load: () => Promise<{ readonly default: FunctionComponent }>;
}

export const PANELS: readonly PanelWords[] = [
  { name: 'layers', short: 'Layers', title: 'Layers', icon: 'layers', load: () => import('./layers-panel.tsx') },
  { name: 'probe', short: 'Probe', title: 'Probe a place', icon: 'probe', load: () => import('./probe-panel.tsx') },
  {
    name: 'stations',
    short: 'Stations',
    title: 'Measured and computed',
    icon: 'stations',
    load: () => import('./stations-panel.tsx'),
  },
  {
    name: 'what-if',
    short: 'What if',
    title: 'What if …?',
    icon: 'what-if',
    load: () => import('./what-if-panel.tsx'),
  },
  {
    name: 'compare',
    short: 'Compare',
    title: 'Compare two runs',
    icon: 'compare',
    load: () => import('./compare-panel.tsx'),
  },
  {
    name: 'operations',
    short: 'Engine',
    title: 'The computation',
    icon: 'operations',
    load: () => import('./operations-panel.tsx'),
  },
  {
    name: 'compute',
    short: 'Here',
    title: 'Compute it here',
    icon: 'compute',
    load: () => import('./compute-panel.tsx'),
  },
  {
    name: 'cluster',
    short: 'Nodes',
    title: 'Who computes what',
    icon: 'cluster',
    load: () => import('./cluster-panel.tsx'),
  },
  { name: 'share', short: 'Share', title: 'Share and save', icon: 'share', load: () => import('./share-panel.tsx') },
  { name: 'about', short: 'About', title: 'About', icon: 'about', load: () => import('./about-panel.tsx') },
  { name: 'help', short: 'Keys', title: 'Keys', icon: 'help', load: () => import('./help-panel.tsx') },
  { name: 'colours', short: 'Colours', title: 'Colours', icon: 'colours', load: () => import('./colours-panel.tsx') },
];

/** Panels that say something where there is no run. */
const OF_A_CLUSTER: readonly PanelName[] = ['cluster', 'about', 'help'];

/** The row of buttons that open panels. */
export function Dock(): JSX.Element {
  // Colours are reached from the legend, keys mean nothing to a thumb; behind a gateway computing here is one of the ways to
  // make a run again, on a site of files the only one.
  const shown = PANELS.filter(({ name }) => {
    if (name === 'colours' || (isNarrow.value && name === 'help')) return false;
    if (name === 'compute' && connection.value.phase !== 'site' && !isHere.value) return false;
    if (isWatchOnly.value) return OF_A_CLUSTER.includes(name);
    return name !== 'cluster' || hasCluster.value;
  });
  return (
    <nav class="dock glass" aria-label="Panels" style={{ '--buttons': shown.length }}>
      {shown.map(({ name, short, title, icon }) => (
        <DockButton key={name} name={name} short={short} title={title} icon={icon} />
      ))}
    </nav>
  );
}

function DockButton({ name, short, title, icon }: Omit<PanelWords, 'load'>): JSX.Element {
  const isOpen = panel.value === name;
  return (
    <button
      type="button"
      class="dock-button"
      title={title}
      aria-expanded={isOpen}
      aria-controls={isOpen ? 'open-panel' : undefined}
      data-panel={name}
      onClick={() => {
        panel.value = isOpen ? undefined : name;
      }}
    >
      <Icon name={icon} />
      <span>{short}</span>
    </button>
  );
}

/** The panel that is open, if any; takes the focus from the button that opened it, and gives it back. */
export function OpenPanel(): JSX.Element | null {
  const found = PANELS.find(({ name }) => name === panel.value);
  return found ? <PanelFrame key={found.name} words={found} /> : null;
}

function PanelFrame({ words }: { words: PanelWords }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  const [isTall, setTall] = useState(false);
  useEffect(() => {
    const opener = document.activeElement;
    // A click on the globe opens panels too, and the globe should go on turning by the arrow keys.
    const isOurs = opener instanceof HTMLElement && opener.closest('#panels') !== null;
    if (isOurs) heading.current?.focus({ preventScroll: true });
    return () => {
      if (isOurs && opener.isConnected && panel.peek() === undefined) opener.focus({ preventScroll: true });
    };
  }, []);
  return (
    <section id="open-panel" class={`panel glass panel-${words.name}`} aria-labelledby="panel-title" data-tall={isTall}>
      <div class="panel-head">
        {isNarrow.value && (
          <button
            type="button"
            class="sheet-grip"
            aria-label={isTall ? 'Make the sheet lower' : 'Make the sheet taller'}
            onClick={() => setTall(!isTall)}
          />
        )}
        <h2 id="panel-title" tabIndex={-1} ref={heading}>
          {words.title}
        </h2>
        <IconButton
          icon="close"
          name="Close (Esc)"
          kind="small"
          onPress={() => {
            panel.value = undefined;
          }}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <div class="panel-body" tabIndex={0}>
        <Deferred load={words.load} />
      </div>
    </section>
  );
}

function Deferred({ load }: Pick<PanelWords, 'load'>): JSX.Element {
  const [part, setPart] = useState<{ readonly Content: FunctionComponent } | 'waiting' | 'missing'>('waiting');
  useEffect(() => {
    let isWanted = true;
    load()
      .then((module) => isWanted && setPart({ Content: module.default }))
      .catch(() => isWanted && setPart('missing'));
    return () => {
      isWanted = false;
    };
  }, [load]);
  if (part === 'waiting') return <p class="soft">One moment …</p>;
  if (part === 'missing') return <p>This part could not be fetched. Close the panel and open it again.</p>;
  return <part.Content />;
}
