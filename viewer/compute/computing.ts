import { effect } from '@preact/signals';
import { proxy, type Remote, releaseProxy, transfer, wrap } from 'comlink';
import type { RecipeComputer } from '../../workers/page/recipe-computer.ts';
import { actions } from '../actions.ts';
import { engine, isHere, panel, run } from '../state.ts';
import type { Session } from '../stream/session.ts';
import { computation, expected, linked, threads, wanted } from './computation.ts';

interface Computer {
  readonly worker: Worker;
  readonly remote: Remote<RecipeComputer>;
}

/** The worker that computes; it stays for the next run, which needs the same sea floor. */
let computer: Computer | undefined;
/** Told apart from the runs before it by its own object. */
let busy: object | undefined;

function end(): void {
  computer?.remote[releaseProxy]();
  // Its threads are its own workers, and end with it.
  computer?.worker.terminate();
  computer = undefined;
  busy = undefined;
}

function startComputer(): Computer {
  const worker = new Worker(new URL('./compute.worker.ts', import.meta.url), { type: 'module' });
  return { worker, remote: wrap<RecipeComputer>(worker) };
}

function compute(session: Session): void {
  const current = run.value;
  if (!current || busy) return;
  const of = { of: current.id, title: current.title };
  computer ??= startComputer();
  const { worker, remote } = computer;
  const mine = {};
  busy = mine;
  const fail = (message: string): void => {
    if (busy !== mine) return;
    end();
    computation.value = { ...of, phase: 'failed', message };
  };
  worker.onerror = ({ message }) =>
    fail(message || 'The program that computes could not be fetched. Load the page again.');
  // What is shown while it computes is its own, and says nothing of the first run.
  if (!isHere.value) wanted.value = expected.value;
  let isShown = false;
  const show = (): void => {
    isShown = true;
    const { port1, port2 } = new MessageChannel();
    void remote.connect(transfer(port1, [port1]), engine.value);
    session.connectHere(port2);
  };
  computation.value = {
    ...of,
    phase: 'busy',
    progress: { phase: 'reading', step: 0, steps: 0, stepping: 0, threads: threads.value },
  };
  remote
    .compute(
      { base: document.baseURI, run: current.id, threads: threads.value },
      proxy((progress) => {
        if (busy !== mine) return;
        computation.value = { ...of, phase: 'busy', progress };
        if (progress.phase === 'stepping' && !isShown) show();
      }),
    )
    .then(
      (result) => {
        if (busy !== mine) return;
        busy = undefined;
        computation.value = { ...of, phase: 'done', result };
      },
      (error: unknown) => fail(error instanceof Error ? error.message : String(error)),
    );
}

/** Fills in what a visitor can have computed here, and does what the link asks. */
export function installComputing(session: Session): void {
  actions.computeHere = () => compute(session);
  actions.leaveHere = () => session.connectAgain();
  actions.cancelComputing = () => {
    const { value } = computation;
    if (value.phase !== 'busy') return;
    end();
    if (isHere.value) session.connectAgain();
    computation.value = { phase: 'cancelled', of: value.of, title: value.title };
  };
  let isDone = false;
  effect(() => {
    if (isDone || !linked.value.isAsked || !run.value) return;
    isDone = true;
    panel.value = 'compute';
    compute(session);
  });
}
