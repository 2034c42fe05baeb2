import { effect } from '@preact/signals';
import { type JSX, render } from 'preact';
import { isWatchOnly, showsCluster } from '../cluster.ts';
import { comparison, reducedMotion } from '../state.ts';
import { Banners, Trouble } from './banners.tsx';
import { ClusterLegend } from './cluster-legend.tsx';
import { Happenings } from './happenings.tsx';
import { listenToKeys } from './keyboard.ts';
import { Legend } from './legend.tsx';
import { Dock, OpenPanel } from './panel-frame.tsx';
import './panels.css';
import { suitSpeedToRun } from './playback.ts';
import { RunHeader } from './run-header.tsx';
import { SwipeHandle } from './swipe-handle.tsx';
import { TimeBar } from './time-bar.tsx';
import { ViewControls } from './view-controls.tsx';

export { showTrouble } from './banners.tsx';

/** Puts all that lies over the globe into `root`, and listens to the page's keys. */
export function mountPanels(root: HTMLElement): void {
  followReducedMotion();
  listenToKeys();
  suitSpeedToRun();
  render(<Panels />, root);
}

function Panels(): JSX.Element {
  return (
    <>
      {comparison.value?.mode === 'swipe' && <SwipeHandle />}
      <div class="story-column">
        <RunHeader />
        <Banners />
      </div>
      <main class="over-globe">
        {showsCluster.value ? <ClusterLegend /> : <Legend />}
        <ViewControls />
        {isWatchOnly.value ? <Happenings /> : <TimeBar />}
      </main>
      <Dock />
      <OpenPanel />
      <Trouble />
      <footer class="no-warning">Not a warning service. In danger, follow your local authorities.</footer>
    </>
  );
}

function followReducedMotion(): void {
  const query = matchMedia('(prefers-reduced-motion: reduce)');
  reducedMotion.value = query.matches;
  query.addEventListener('change', () => {
    reducedMotion.value = query.matches;
  });
  effect(() => {
    document.documentElement.dataset.motion = reducedMotion.value ? 'reduced' : 'full';
  });
}
