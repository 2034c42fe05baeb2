import { batch } from '@preact/signals';
import { proxy, type Remote, transfer, wrap } from 'comlink';
import { changed, NOTHING_SEEN, readChange, type WatchedNode } from '../../workers/protocol/operations.ts';
import {
  CLOSE,
  type Progress,
  type Reply,
  type Request,
  type RunInfo,
  SOCKET_PATH,
} from '../../workers/protocol/viewing.ts';
import { actions } from '../actions.ts';
import { cluster, freshMoves, hasCluster, isWatchOnly, type Move } from '../cluster.ts';
import { directionOf, placeOf, type Vector } from '../globe/projection.ts';
import { mayHost } from '../hosting/hosting.ts';
import { isNarrow } from '../panels/narrow.ts';
import * as state from '../state.ts';
import type { DecodedFrame } from './decoded-frame.ts';
import type { Stream, StreamEvents } from './stream.worker.ts';

/** How long tiles count as just moved [ms]. */
const FRESH = 8000;
/** Between tries to connect again [ms]. */
const TRIES = [500, 1000, 2000, 4000, 8000];

/** A globe that leaves room for the panel, turned to where most nodes are. */
function overview(nodes: readonly WatchedNode[]): state.Camera {
  const sum = [0, 0, 0];
  for (const { place } of nodes)
    if (place)
      directionOf(place).forEach((x, k) => {
        sum[k]! += x;
      });
  const { longitude, latitude } = sum.some((x) => x !== 0)
    ? placeOf(sum as unknown as Vector)
    : { longitude: 20, latitude: 30 };
  return { longitude, latitude: latitude / 2, zoom: 0.84 };
}

/** The connection to a gateway: it writes what comes into the state, and hands frames on. */
export class Session {
  readonly stream: Remote<Stream>;
  readonly #events: StreamEvents;
  onFrame: (frame: DecodedFrame) => void = () => {};
  #attempts = 0;
  // Pins of a link have the numbers below.
  #lastId = 1000;
  /** The last what-if that was asked for. */
  #imagined: number | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Runs asked for whose description is for comparing. */
  readonly #others = new Set<string>();

  constructor() {
    const worker = new Worker(new URL('./stream.worker.ts', import.meta.url), { type: 'module' });
    this.stream = wrap<Stream>(worker);
    this.#events = proxy({
      onReply: (reply: Reply) => this.#onReply(reply),
      onFrame: (frame: DecodedFrame) => this.onFrame(frame),
      onClose: (code: number, reason: string) => this.#onClose(code, reason),
    });
  }

  /** Even numbers; odd ones are the worker's. */
  nextId(): number {
    this.#lastId += 2;
    return this.#lastId;
  }

  connect(): void {
    const url = new URL(SOCKET_PATH.slice(1), document.baseURI);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    url.search = '';
    if (this.#attempts === 0) state.connection.value = { phase: 'connecting' };
    void this.stream.open(url.href, this.#events);
  }

  /** Shows what a gateway in this page has, at the other end of the port, instead of what was shown before. */
  connectHere(port: MessagePort): void {
    clearTimeout(this.#retry);
    batch(() => {
      state.isHere.value = true;
      state.seconds.value = undefined;
      state.playing.value = false;
      state.stations.value = undefined;
      state.probes.value = new Map();
      state.connection.value = { phase: 'connecting' };
    });
    void this.stream.openPort(transfer(port, [port]), this.#events);
  }

  /** Goes back to the gateway, or to the files, that the page came from, and to a run there. */
  connectAgain(run?: string): void {
    this.#attempts = 0;
    batch(() => {
      if (run !== undefined) state.runId.value = run;
      state.isHere.value = false;
      state.run.value = undefined;
      state.stations.value = undefined;
      state.seconds.value = undefined;
    });
    this.connect();
  }

  send(request: Request): void {
    void this.stream.send(request);
  }

  /** Shows the run whose files lie beside the page, if there are any. */
  async #showSite(): Promise<boolean> {
    const index = await this.stream.openSite(document.baseURI);
    if (!index) return false;
    const { run, progress } = index;
    const summary = { ...run, live: false };
    batch(() => {
      state.engine.value = index.engine;
      state.runs.value = [summary];
      state.runId.value = run.id;
      state.connection.value = { phase: 'site' };
    });
    this.#onRun(summary, progress);
    const stations = await this.stream.siteStations();
    if (stations) this.#onReply(stations);
    return true;
  }

  #onClose(code: number, reason: string): void {
    if (this.#attempts === 0 && state.connection.value.phase === 'connecting') {
      this.#attempts++;
      this.#showSite()
        .catch((error: unknown) => {
          state.notice.value = error instanceof Error ? error.message : String(error);
          return false;
        })
        .then((shown) => {
          if (!shown) this.#onClose(code, reason);
        });
      return;
    }
    if (code === CLOSE.tooManyViewers || code === CLOSE.protocol || code === CLOSE.tooManyMessages) {
      state.connection.value = { phase: 'refused', message: reason || 'The gateway takes no more viewers just now.' };
      return;
    }
    const wait = TRIES[Math.min(this.#attempts, TRIES.length - 1)]!;
    this.#attempts++;
    const before = state.connection.value;
    const now = performance.now();
    state.connection.value = {
      phase: 'lost',
      since: before.phase === 'lost' ? before.since : now,
      nextTry: now + wait,
      attempts: this.#attempts,
    };
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.connect(), wait);
  }

  #onReply(reply: Reply): void {
    switch (reply.type) {
      case 'welcome': {
        this.#attempts = 0;
        state.engine.value = reply.engine;
        state.runs.value = reply.runs;
        state.scenarios.value = reply.scenarios;
        state.connection.value = { phase: 'open' };
        const known = (id: string | undefined) => reply.runs.some((run) => run.id === id);
        const wanted = [state.runId.value, reply.shown, reply.runs[0]?.id].find(known);
        if (wanted !== undefined) actions.openRun(wanted);
        if (state.comparison.value) this.openOther(state.comparison.value.run);
        hasCluster.value = reply.hasCluster === true;
        mayHost.value = reply.mayHost === true;
        if (hasCluster.value) this.send({ type: 'operations', isWanted: true });
        if (isWatchOnly.value && !isNarrow.value) state.panel.value ??= 'cluster';
        return;
      }
      case 'runs':
        state.runs.value = reply.runs;
        if (state.runId.value === undefined && reply.runs[0]) actions.openRun(reply.runs[0].id);
        return;
      case 'run':
        if (this.#others.delete(reply.run.id)) {
          state.otherRun.value = reply.run;
          state.otherProgress.value = reply.progress;
        }
        if (reply.run.id === state.runId.value) this.#onRun(reply.run, reply.progress);
        return;
      case 'progress':
        if (reply.progress.run === state.runId.value) state.progress.value = reply.progress;
        if (reply.progress.run === state.otherRun.value?.id) state.otherProgress.value = reply.progress;
        return;
      case 'operations':
        this.#onOperations(reply.change);
        return;
      case 'probe':
        if (reply.run === state.runId.value) state.probes.value = new Map(state.probes.value).set(reply.id, reply);
        return;
      case 'stations':
        if (reply.run === state.runId.value) state.stations.value = reply;
        return;
      case 'started':
        actions.openRun(reply.run);
        return;
      case 'what-if':
        // An answer about a place that one has turned away from says nothing of the one asked about now.
        if (reply.id !== this.#imagined) return;
        state.imagining.value = false;
        state.whatIf.value = { yaml: reply.yaml, reasons: reply.reasons };
        return;
      case 'refused':
        if (reply.id !== undefined && reply.id === this.#imagined) {
          state.imagining.value = false;
          state.whatIf.value = undefined;
        }
        state.notice.value = reply.message;
        return;
      case 'done':
        return;
    }
  }

  #onRun(run: RunInfo, progress: Progress): void {
    const isNew = state.run.value?.id !== run.id;
    batch(() => {
      state.progress.value = progress;
      state.run.value = run;
      if (!isNew) return;
      const [event] = run.events;
      // What happened is a little left of the middle, what came of it right of it.
      if (event && !state.isTurned.value)
        state.camera.value = { longitude: event.longitude + 24, latitude: event.latitude * 0.45, zoom: 1 };
      // What is over is told from its beginning; of a run computed here one waits for the end, however soon it comes.
      const isOver = progress.state !== 'running' && progress.state !== 'starting' && progress.state !== 'paused';
      if (isOver && !state.isHere.value && state.seconds.value === undefined && progress.times.length > 1) {
        state.seconds.value = progress.times[0];
        state.playing.value = !state.reducedMotion.value;
      }
    });
  }

  #onOperations(message: unknown): void {
    try {
      const change = readChange(message);
      const isFirst = cluster.value === undefined;
      cluster.value = changed(cluster.value ?? NOTHING_SEEN, change);
      if (isFirst && isWatchOnly.value && !state.isTurned.value) state.camera.value = overview(cluster.value.nodes);
      const isMove = (one: { readonly kind: string }): one is Move => one.kind === 'moved';
      const moves = change.isWhole ? [] : (change.happenings ?? []).filter(isMove);
      if (moves.length === 0) return;
      freshMoves.value = [...freshMoves.value, ...moves];
      setTimeout(() => {
        freshMoves.value = freshMoves.value.filter((move) => !moves.includes(move));
      }, FRESH);
    } catch (error) {
      state.notice.value = error instanceof Error ? error.message : String(error);
    }
  }

  openOther(id: string): void {
    this.#others.add(id);
    this.send({ type: 'open', run: id });
  }

  /** Fills in what a visitor can do with a gateway. */
  install(): void {
    const controlled = (make: (id: number, token: string, run: string) => Request) => () => {
      // A page's own run is its visitor's.
      const [token, run] = [state.isHere.value ? '' : state.token.value, state.runId.value];
      if (token === undefined || run === undefined)
        state.notice.value =
          'This link may look, but not change runs. Open the link that the gateway printed at its start.';
      else this.send(make(this.nextId(), token, run));
    };
    actions.openRun = (id) => {
      if (state.runId.value !== id) {
        state.run.value = undefined;
        state.progress.value = undefined;
        state.stations.value = undefined;
        state.probes.value = new Map();
        state.shown.value = undefined;
        state.whatIf.value = undefined;
        state.epicentre.value = undefined;
        if (state.runId.value !== undefined) {
          state.seconds.value = undefined;
          state.fieldName.value = undefined;
          state.colours.value = {};
        }
      }
      state.runId.value = id;
      this.send({ type: 'open', run: id });
    };
    actions.pause = controlled((id, token, run) => ({ type: 'control', id, token, run, action: 'pause' }));
    actions.resume = controlled((id, token, run) => ({ type: 'control', id, token, run, action: 'resume' }));
    actions.stop = controlled((id, token, run) => ({ type: 'control', id, token, run, action: 'stop' }));
    actions.limitSpeed = (limit) =>
      controlled((id, token, run) => ({ type: 'speed', id, token, run, ...(limit === undefined ? {} : { limit }) }))();
    actions.startScenario = (scenario, isVariant = false) =>
      controlled((id, token, run) => ({
        ...({ type: 'start', id, token, scenario } as const),
        ...(isVariant ? { variantOf: run } : {}),
      }))();
    actions.imagine = ({ longitude, latitude }, magnitude) => {
      if (state.runId.value === undefined) return;
      this.#imagined = this.nextId();
      state.imagining.value = true;
      this.send({ type: 'what-if', id: this.#imagined, run: state.runId.value, longitude, latitude, magnitude });
    };
    actions.addPin = (place, name) => {
      const pin = { ...place, id: this.nextId(), ...(name === undefined ? {} : { name }) };
      state.pins.value = [...state.pins.value, pin].slice(-state.MOST_PINS);
    };
    actions.removePin = (id) => {
      state.pins.value = state.pins.value.filter((pin) => pin.id !== id);
      const probes = new Map(state.probes.value);
      probes.delete(id);
      state.probes.value = probes;
    };
  }

  /** Asks for what the gauges have recorded so far. */
  askStations(): void {
    if (state.runId.value !== undefined && state.connection.value.phase === 'open')
      this.send({ type: 'stations', run: state.runId.value });
  }

  /** Asks again about every pin, at the time on show. */
  probe(seconds: number | undefined): void {
    const [run, field] = [state.runId.value, state.field.value];
    if (run === undefined || !field) return;
    for (const { id, longitude, latitude } of state.pins.value)
      this.send({
        type: 'probe',
        ...{ id, run, longitude, latitude, field: field.name },
        ...(seconds === undefined ? {} : { seconds }),
      });
  }
}
