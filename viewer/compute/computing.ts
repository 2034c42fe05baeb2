import { effect } from '@preact/signals';
import { proxy, type Remote, releaseProxy, transfer, wrap } from 'comlink';
import type { RecipeComputer } from '../../workers/page/recipe-computer.ts';
import { actions } from '../actions.ts';
import { connection, engine, epicentre, imagining, isHere, notice, panel, run, whatIf } from '../state.ts';
import type { Session } from '../stream/session.ts';
import {
  computation,
  computesOn,
  expected,
  graphics,
  type Imagined,
  imagined,
  linked,
  threads,
  wanted,
} from './computation.ts';

interface Computer {
  readonly worker: Worker;
  readonly remote: Remote<RecipeComputer>;
}

/** What is to be computed: a run by its recipe, or an earthquake on its ocean. */
interface Task {
  /** The run whose recipe lies beside the page. */
  readonly run: string;
  readonly of: string;
  readonly title: string;
  readonly yaml?: string;
}

/** The worker that computes; it stays for the next run, which needs the same sea floor. */
let computer: Computer | undefined;
/** Told apart from the runs before it by its own object. */
let busy: object | undefined;
/** The run of the recipe that what is shown was computed from. */
let origin: { readonly run: string; readonly title: string } | undefined;
/** The last earthquake that was asked for. */
let asking: object | undefined;

function startComputer(): Computer {
  const worker = new Worker(new URL('./compute.worker.ts', import.meta.url), { type: 'module' });
  return { worker, remote: wrap<RecipeComputer>(worker) };
}

function computerHere(): Computer {
  computer ??= startComputer();
  return computer;
}

function end(): void {
  computer?.remote[releaseProxy]();
  // Its threads are its own workers, and end with it.
  computer?.worker.terminate();
  computer = undefined;
  busy = undefined;
}

function compute(session: Session, task: Task): void {
  if (busy) return;
  const { worker, remote } = computerHere();
  const of = { of: task.of, title: task.title };
  const mine = {};
  busy = mine;
  const fail = (message: string): void => {
    if (busy !== mine) return;
    end();
    if (isHere.value) session.connectAgain();
    computation.value = { ...of, phase: 'failed', message };
  };
  worker.onerror = ({ message }) =>
    fail(message || 'The program that computes could not be fetched. Load the page again.');
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
  const { yaml } = task;
  const device = computesOn.value === 'graphics' ? graphics.value?.api : undefined;
  remote
    .compute(
      {
        ...{ base: document.baseURI, run: task.run, threads: threads.value },
        ...(device === undefined ? {} : { device }),
        ...(yaml === undefined ? {} : { yaml }),
      },
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

/** What the visitor asked for, as a task; undefined where there is nothing to compute. */
function taskOf(what: 'run' | 'what-if'): Task | undefined {
  const current = run.value;
  if (!current) return undefined;
  const from = isHere.value && origin ? origin : { run: current.id, title: current.title };
  const [idea, asked] = [whatIf.value, epicentre.value];
  // What is shown is computed here and says nothing of the first run, so what that came to stays as it was.
  const isAgain = isHere.value && (what === 'run' ? current.id === from.run : false);
  if (what === 'what-if') {
    if (!idea || !asked) return undefined;
    wanted.value = linked.value.stateHash === undefined ? undefined : { stateHash: linked.value.stateHash, by: 'link' };
    return ownTask(from, asked, idea.yaml);
  }
  if (isHere.value && !isAgain) {
    // The earthquake on show once more.
    return lastOwn;
  }
  if (!isHere.value) wanted.value = expected.value;
  imagined.value = undefined;
  origin = from;
  return { run: from.run, of: from.run, title: from.title };
}

let lastOwn: Task | undefined;

function ownTask(from: NonNullable<typeof origin>, asked: Imagined['asked'], yaml: string): Task {
  origin = from;
  imagined.value = { run: from.run, asked };
  const name = /^name: *(.+)$/m.exec(yaml)?.[1] ?? 'what-if';
  lastOwn = { run: from.run, of: name, title: 'your earthquake', yaml };
  return lastOwn;
}

/** Thinks up an earthquake without a gateway. */
async function imagineHere(asked: Imagined['asked']): Promise<void> {
  const from = (isHere.value ? origin?.run : undefined) ?? run.value?.id;
  if (from === undefined) return;
  const mine = {};
  asking = mine;
  imagining.value = true;
  try {
    const idea = await computerHere().remote.imagine({ base: document.baseURI, run: from }, asked);
    if (asking === mine) whatIf.value = idea;
  } catch (error) {
    if (asking !== mine) return;
    whatIf.value = undefined;
    notice.value = error instanceof Error ? error.message : String(error);
  } finally {
    if (asking === mine) imagining.value = false;
  }
}

/** Fills in what a visitor can have computed here, and does what the link asks. */
export function installComputing(session: Session): void {
  const computeHere = (what: 'run' | 'what-if' = 'run'): void => {
    const task = busy ? undefined : taskOf(what);
    if (!task) return;
    panel.value = 'compute';
    compute(session, task);
  };
  actions.computeHere = computeHere;
  actions.leaveHere = () => {
    linked.value = { isAsked: false };
    imagined.value = undefined;
    computation.value = { phase: 'idle' };
    if (origin) session.connectAgain(origin.run);
  };
  actions.cancelComputing = () => {
    const { value } = computation;
    if (value.phase !== 'busy') return;
    end();
    if (isHere.value) session.connectAgain(origin?.run);
    computation.value = { phase: 'cancelled', of: value.of, title: value.title };
  };
  const askGateway = actions.imagine;
  actions.imagine = (place, magnitude) => {
    if (isHere.value || connection.value.phase === 'site') void imagineHere({ ...place, magnitude });
    else askGateway(place, magnitude);
  };
  let isDone = false;
  effect(() => {
    const { isAsked, whatIf: asked } = linked.value;
    if (isDone || !isAsked || !run.value) return;
    isDone = true;
    panel.value = 'compute';
    if (!asked) computeHere();
    else {
      epicentre.value = asked;
      void imagineHere(asked).then(() => computeHere('what-if'));
    }
  });
}
