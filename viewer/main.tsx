import { effect } from '@preact/signals';
import { actions } from './actions.ts';
import * as cluster from './cluster.ts';
import * as computation from './compute/computation.ts';
import { installComputing } from './compute/computing.ts';
import { Director } from './globe/director.ts';
import { noteRenderer } from './globe/drawn-by.ts';
import { hosting, installHosting } from './hosting/hosting.ts';
import { mountPanels, showTrouble } from './panels/panels.tsx';
import * as state from './state.ts';
import { Session } from './stream/session.ts';
import { followLink } from './url.ts';
import './style.css';

followLink();
const session = new Session();
session.install();
installComputing(session);
installHosting();
mountPanels(document.getElementById('panels')!);

const canvas = document.getElementById('globe') as HTMLCanvasElement;
const context = canvas.getContext('webgl2', {
  antialias: false,
  alpha: false,
  // Pictures are saved from it, and tests read its pixels.
  preserveDrawingBuffer: true,
  powerPreference: 'high-performance',
});
if (context) {
  noteRenderer(context);
  const director = new Director(canvas, context, session);
  let phase = '';
  effect(() => {
    const now = state.connection.value.phase;
    if (now === 'open' && phase !== 'open') director.reconnected();
    phase = now;
  });
  Object.assign(globalThis, { terrella: { state, cluster, computation, hosting, director, actions, session } });
} else
  showTrouble(
    'This browser cannot draw the globe: WebGL 2 is missing or switched off. Any recent browser has it; look for “hardware acceleration” in its settings.',
  );
session.connect();
