import { effect } from '@preact/signals';
import type { FieldInfo, RunInfo } from '../../workers/protocol/viewing.ts';
import { actions } from '../actions.ts';
import { chosenNode, cluster, clusterRun, freshMoves, showsCluster, watchedNodes } from '../cluster.ts';
import * as state from '../state.ts';
import type { DecodedFrame } from '../stream/decoded-frame.ts';
import { Film } from '../stream/film.ts';
import type { Session } from '../stream/session.ts';
import { animationOf } from './animation.ts';
import { type Bend, type Bending, bent, easedBend, settled } from './bend.ts';
import { openOther, showOther } from './comparison.ts';
import { clampCamera, listen } from './controls.ts';
import { isSoftware } from './drawn-by.ts';
import { EarthDressing } from './earth-dressing.ts';
import { cameraAt, type Flight, hasLanded } from './flight.ts';
import { Flow } from './flow.ts';
import { viewOn } from './framing.ts';
import { levelFor } from './level.ts';
import { LiveWatch } from './live-watch.ts';
import { lookOf } from './look.ts';
import type { Overlay, Picked } from './overlay.ts';
import { pictureOf } from './picture.ts';
import { forgetThePresent, type Moment, momentOf, playOn } from './playback.ts';
import type { View } from './projection.ts';
import { askPins, askStations } from './questions.ts';
import { type Look, Scene } from './scene.ts';
import { Settling } from './settling.ts';
import { shardsOf, tileAt } from './shards.ts';

/** From here on the finer shores are worth drawing. */
const CLOSE = 2;
/** A map that bends goes no further from one picture to the next, however slow they are [s]. */
const LEAP = 0.2;

const PICTURED = [
  ...[state.run, state.progress, state.field, state.colouring, state.projection, state.camera, state.layers],
  ...[state.exaggeration, state.seconds, state.playing, state.comparison, state.otherRun, state.pins, state.epicentre],
  ...[state.chosenStation, state.connection, state.panel, cluster, clusterRun, chosenNode, freshMoves, showsCluster],
];

/** Draws what the state says, frame by frame, and fetches what it takes. */
export class Director {
  readonly #canvas: HTMLCanvasElement;
  readonly #session: Session;
  readonly #scene: Scene;
  readonly #film: Film;
  readonly #live: LiveWatch;
  readonly #earth: EarthDressing;
  readonly #flow: Flow;
  #overlay: Overlay | undefined;
  #shown: DecodedFrame | undefined;
  #flight: Flight | undefined;
  #bending: Bending = settled(state.projection.peek());
  #dirty = true;
  /** What the scene was drawn of; nothing where it must be drawn again. */
  #drawnOf: { readonly look: string; readonly frame: DecodedFrame | undefined } | undefined;
  #isLost = false;
  #last = performance.now();
  #drawn: number[] = [];
  readonly #settling = new Settling();

  constructor(canvas: HTMLCanvasElement, context: WebGL2RenderingContext, session: Session) {
    const invalidate = () => this.invalidate();
    this.#canvas = canvas;
    this.#session = session;
    this.#scene = new Scene(canvas, context);
    this.#film = new Film((wanted) => session.stream.frame(wanted), invalidate);
    this.#live = new LiveWatch(session, invalidate);
    this.#earth = new EarthDressing(session, this.#scene, invalidate);
    this.#flow = new Flow(session, this.#scene.particles);
    this.#outliveContexts();
    this.#listen();
    this.#act();
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#resize();
    const shores = this.#earth.loadShores();
    void this.#settling.over.then(() => {
      state.settled.value = true;
      this.#resize();
      return shores.then(() => this.#loadOverlay(context));
    });
    effect(() => {
      // The picture depends on these, and on frames as they come.
      for (const one of PICTURED) void one.value;
      this.#dirty = true;
    });
    effect(() => {
      if (showsCluster.value) this.#settling.end();
      const run = showsCluster.value ? clusterRun.value : undefined;
      const fresh = new Set(freshMoves.value.filter((move) => move.run === run?.id).map(({ to }) => to));
      const shown = run?.state === 'running' ? run : undefined;
      this.#scene.setShards(shardsOf(shown, watchedNodes.value, chosenNode.value, fresh));
      this.invalidate();
    });
    openOther(session);
    forgetThePresent(this.#film);
    askPins(session);
    askStations(session);
    requestAnimationFrame((now) => this.#turn(now));
  }

  get scene(): Scene {
    return this.#scene;
  }

  /** Whether one map is on its way to another. */
  get isBending(): boolean {
    return this.#bending.phase === 'bending';
  }

  view(): View {
    return viewOn(this.#canvas);
  }

  /** How the frame on the screen is to look now. */
  look(): Look {
    return this.#look(this.#shown !== undefined, 0, undefined);
  }

  invalidate(): void {
    this.#dirty = true;
    this.#drawnOf = undefined;
  }

  /** Draws once, now, the map that is wanted; or a moment on the way to it. */
  draw(bend?: Bend): void {
    this.#bending = settled(state.projection.value);
    this.#draw(bend);
  }

  /** After a reconnection what has the same name may be another run's. */
  reconnected(): void {
    this.#live.forget();
    this.#film.forget();
    void this.#session.stream.forget();
    this.#earth.forget();
    this.#flow.forget();
    this.invalidate();
  }

  #outliveContexts(): void {
    this.#canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault();
      this.#isLost = true;
    });
    this.#canvas.addEventListener('webglcontextrestored', () => {
      this.#isLost = false;
      for (const texture of [this.#scene.field, this.#scene.next, this.#scene.other]) texture.again();
      this.invalidate();
    });
  }

  #listen(): void {
    listen(this.#canvas, {
      view: () => this.view(),
      move: (camera) => {
        this.#flight = undefined;
        state.isTurned.value = true;
        state.camera.value = camera;
        this.invalidate();
      },
      click: (place, x, y) => {
        if (state.panel.value === 'what-if')
          state.epicentre.value = { magnitude: state.epicentre.value?.magnitude ?? 8.5, ...place };
        else pick(place, this.#overlay?.pick(x, y));
      },
      choose: (place) => pick(place, undefined),
    });
  }

  /** Puts in what only the globe can do. */
  #act(): void {
    const canvas = this.#canvas;
    actions.flyTo = (place, zoom) => {
      state.isTurned.value = true;
      const from = state.camera.value;
      const to = clampCamera({ ...place, zoom: zoom ?? from.zoom });
      if (state.reducedMotion.value) state.camera.value = to;
      else this.#flight = { from, to, began: performance.now() };
      this.invalidate();
    };
    actions.savePicture = async () => {
      this.draw();
      return pictureOf(canvas, canvas.width).convertToBlob({ type: 'image/png' });
    };
    const stage = { canvas, draw: () => this.draw(), isWaiting: () => this.#film.isWaiting };
    actions.saveAnimation = (from, to, frames, onFrame) => animationOf(stage, from, to, frames, onFrame);
  }

  /** Markers and labels come when the picture moves. */
  async #loadOverlay(context: WebGL2RenderingContext): Promise<void> {
    const { Overlay } = await import('./overlay.ts');
    this.#overlay = new Overlay(this.#canvas, context, this.#scene.renderer, () => this.invalidate());
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    // Without a graphics card the first pictures are coarser and come in a quarter of the time.
    const share = isSoftware() && !this.#settling.isOver ? 0.5 : 1;
    if (clientWidth > 0) this.#scene.resize(clientWidth, clientHeight, share * Math.min(devicePixelRatio, 2));
    this.invalidate();
  }

  #turn(now: number): void {
    requestAnimationFrame((next) => this.#turn(next));
    const since = (now - this.#last) / 1000;
    // A tab that was hidden goes on where it was.
    const elapsed = Math.min(0.1, since);
    this.#last = now;
    playOn(elapsed);
    if (this.#flow.advance(now, elapsed)) this.invalidate();
    this.#fly(now);
    this.#bend(Math.min(LEAP, since));
    if (!this.#dirty || this.#isLost) return;
    this.#dirty = false;
    this.#draw(this.#bending.phase === 'bending' ? easedBend(this.#bending) : undefined);
  }

  #fly(now: number): void {
    const flight = this.#flight;
    if (!flight) return;
    if (hasLanded(flight, now)) this.#flight = undefined;
    state.camera.value = cameraAt(flight, now);
  }

  #bend(elapsed: number): void {
    const projection = state.projection.value;
    const isStill = state.reducedMotion.value || state.run.value?.grid.kind === 'plane';
    const before = this.#bending;
    this.#bending = isStill ? settled(projection) : bent(before, projection, elapsed);
    if (before.phase === 'bending' || this.#bending.phase === 'bending') this.invalidate();
  }

  #draw(bend: Bend | undefined): void {
    const began = performance.now();
    const [run, field] = [state.run.value, state.field.value];
    if (run && field) {
      const view = this.view();
      const level = levelFor(run, view);
      const moment = this.#momentOf(run, field, level);
      if (moment.first) this.#show(field, moment, moment.first);
      state.loading.value = this.#film.isWaiting && !moment.first;
      showOther(this.#scene.other, this.#film, level);
      // What happens comes first, where it happens after it.
      if (this.#shown && this.#settling.isOver) this.#earth.dress(run);
      if (view.zoom > CLOSE) void this.#earth.refineShores();
      // Of another run or field there is nothing to show yet.
      const fits = this.#shown?.run === run.id && this.#shown.field === field.name;
      this.#drawScene(this.#look(fits, moment.first && moment.second ? moment.share : 0, bend));
    } else {
      if (showsCluster.value) this.#earth.dressBare();
      this.#drawScene(this.#look(false, 0, bend));
    }
    // Marks and labels come back when the map stands still.
    if (!bend) this.#overlay?.draw(this.view());
    this.#drawn = [...this.#drawn.filter((at) => at > began - 1000), began];
    state.drawing.value = { perSecond: this.#drawn.length, milliseconds: performance.now() - began };
  }

  /**
   * Until the picture moves none is drawn again that would look the same, nor without a frame one that waits for it: without
   * a graphics card each takes 0.3 s.
   */
  #drawScene(look: Look): void {
    const now = { look: JSON.stringify(look), frame: this.#shown };
    const before = this.#drawnOf;
    const isSame = now.frame === undefined || (before?.look === now.look && before.frame === now.frame);
    if (!this.#settling.isOver && before && isSame) return;
    this.#drawnOf = now;
    this.#scene.draw(look);
  }

  #momentOf(run: RunInfo, field: FieldInfo, level: number): Moment {
    const phase = state.progress.value?.state;
    const isLive = state.seconds.value === undefined && (phase === 'running' || phase === 'paused');
    this.#live.watch(run, field, level, isLive && state.connection.value.phase === 'open');
    return momentOf(this.#film, run, field, level, this.#live.newestOf(run, field));
  }

  #show({ name }: FieldInfo, { second, share }: Moment, first: DecodedFrame): void {
    this.#scene.field.show(first);
    if (second) this.#scene.next.show(second);
    const seconds = second ? first.seconds + share * (second.seconds - first.seconds) : first.seconds;
    const { step, low, high } = first;
    const before = state.shown.peek();
    const isNew = this.#shown !== first;
    if (!before || before.seconds !== seconds || before.field !== name || isNew)
      state.shown.value = {
        ...{ field: name, seconds, step, low, high },
        // Clocks of two machines differ; a frame from the future has come at once.
        latency: isNew ? Math.max(0, Date.now() - first.captured) : (before?.latency ?? 0),
      };
    this.#shown = first;
    if (isNew) this.#settling.frameShown();
  }

  #look(hasFrame: boolean, towardsNext: number, bend: Bend | undefined): Look {
    return lookOf({
      ...{ view: this.view(), bend, hasFrame, towardsNext },
      other: this.#scene.other.frame,
      hasLand: this.#earth.hasLand,
      flow: this.#flow.run,
    });
  }
}

/** A place that was clicked, or the station or node there. */
function pick(place: state.Place, mark: Picked | undefined): void {
  const station = mark?.station;
  if (showsCluster.value) {
    const run = clusterRun.value;
    const owner = run?.grid.panels === 6 ? run.owners[tileAt(run, place)] : undefined;
    const node = mark?.node ?? (owner === undefined ? undefined : run?.members[owner]);
    chosenNode.value = node === chosenNode.value ? undefined : node;
    if (node !== undefined) state.panel.value = 'cluster';
    return;
  }
  if (state.run.value?.grid.kind === 'plane') {
    state.notice.value = 'In a laboratory’s basin only the gauges of the scenario can be read: see “Stations”.';
    return;
  }
  if (station !== undefined) {
    state.chosenStation.value = station;
    state.panel.value = 'stations';
  } else {
    actions.addPin(place);
    state.panel.value = 'probe';
  }
}
