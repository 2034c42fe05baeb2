import { effect } from '@preact/signals';
import * as state from '../state.ts';
import type { Session } from '../stream/session.ts';

/** Pins are asked about so often while time goes on, and gauges while they record [ms]. */
const PINS = 1000;
const GAUGES = 3000;

/** Pins are asked about when there are new ones, when the field changes, and once a second while time goes on. */
export function askPins(session: Session): void {
  let asked = 0;
  let pending: ReturnType<typeof setTimeout> | undefined;
  let known = '';
  effect(() => {
    const pins = state.pins.value.map(({ id }) => id).join();
    const subject = [pins, state.field.value?.name, state.run.value?.id].join(' ');
    const seconds = state.seconds.value;
    void state.shown.value?.seconds;
    if (pins === '' || !state.run.value) return;
    const wait = subject === known ? Math.max(0, asked + PINS - performance.now()) : 0;
    known = subject;
    clearTimeout(pending);
    pending = setTimeout(() => {
      asked = performance.now();
      session.probe(seconds);
    }, wait);
  });
}

/** Gauges are asked for when somebody looks at them, and again every few seconds while they record. */
export function askStations(session: Session): void {
  let asked = Number.NEGATIVE_INFINITY;
  let subject = '';
  effect(() => {
    const { run, state: phase } = state.progress.value ?? {};
    const wanted = `${run} ${phase} ${state.connection.value.phase}`;
    if (state.panel.value !== 'stations' || run === undefined) return;
    if (wanted === subject && (phase !== 'running' || performance.now() < asked + GAUGES)) return;
    subject = wanted;
    asked = performance.now();
    session.askStations();
  });
}
