import { effect } from '@preact/signals';
import { wrap } from 'comlink';
import type { FieldInfo, RunInfo } from '../../workers/protocol/viewing.ts';
import { actions } from '../actions.ts';
import * as state from '../state.ts';
import type { DecodedFrame } from '../stream/decoded-frame.ts';
import { Film } from '../stream/film.ts';
import type { Session } from '../stream/session.ts';
import { type Bend, type Bending, bent, easedBend, settled } from './bend.ts';
import { clampCamera, listen } from './controls.ts';
import type { EarthMaker } from './earth.worker.ts';
import type { LandDetail } from './land-topology.ts';
import { along, lineGeometry } from './lines.ts';
import type { Overlay } from './overlay.ts';
import { pictureOf } from './picture.ts';
import { scaleOf, type View } from './projection.ts';
import { type Look, Scene } from './scene.ts';
import { shores } from './shores.ts';
import { sunAt } from './sun.ts';

/** Cells that a picture may have before a coarser level is taken: what a decoder and an upload manage many times a second. */
const MOST_CELLS = 500_000;
/** Credits of a watch: frames under way. */
const CREDITS = 2;
/** A frame of the present is as good as new for so long [ms]. */
const PRESENT = 2000;
const ANIMATION_WIDTH = 800;
/** Cells across a panel that a flow to drift with must have. */
const COARSEST_FLOW = 64;
/** Points across a panel of the drawn earth, at once and later. */
const COARSE_EARTH = 256;
const FINE_EARTH = 1024;
/** From here on the finer shores are worth drawing. */
const CLOSE = 2;
/** Height of what the time bar covers [px]. */
const FOOT = 112;
/** What title and bars cover on a phone [px]. */
const HEAD = 84;
const NARROW_FOOT = 330;
/** Pictures narrower than this have panels at their foot [px]. */
const NARROW = 760;

const PICTURED = [
  ...[state.run, state.progress, state.field, state.colouring, state.projection, state.camera, state.layers],
  ...[state.exaggeration, state.seconds, state.playing, state.comparison, state.otherRun, state.pins, state.epicentre],
  ...[state.chosenStation, state.connection, state.panel],
];

/** Draws what the state says, frame by frame, and fetches what it takes. */
export class Director {
  readonly #canvas: HTMLCanvasElement;
  readonly #session: Session;
  readonly #scene: Scene;
  readonly #film: Film;
  #overlay: Overlay | undefined;
  #dirty = true;
  #newest: DecodedFrame | undefined;
  #watching = '';
  /** The request that live frames answer; those of an earlier one are stale. */
  #watchId = 0;
  #flight: { readonly from: state.Camera; readonly to: state.Camera; readonly began: number } | undefined;
  #bending: Bending = settled(state.projection.peek());
  #last = performance.now();
  #earthOf = '';
  readonly #earthMaker = wrap<EarthMaker>(
    new Worker(new URL('./earth.worker.ts', import.meta.url), { type: 'module' }),
  );
  #hasFineShores = false;
  #hasLand = true;
  #drawn: number[] = [];
  #isLost = false;
  #flowOf: string | undefined;
  #flowAsked = 0;

  constructor(canvas: HTMLCanvasElement, context: WebGL2RenderingContext, session: Session) {
    this.#canvas = canvas;
    this.#session = session;
    this.#scene = new Scene(canvas, context);
    this.#film = new Film(
      (wanted) => session.stream.frame(wanted),
      () => this.invalidate(),
    );
    session.onFrame = (frame) => {
      if (frame.id !== this.#watchId) return;
      // Credit comes back when the frame is taken, so a slow page gets fewer.
      session.send({ type: 'credit', id: this.#watchId, frames: 1 });
      this.#newest = frame;
      this.invalidate();
    };
    canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault();
      this.#isLost = true;
    });
    canvas.addEventListener('webglcontextrestored', () => {
      this.#isLost = false;
      for (const texture of [this.#scene.field, this.#scene.next, this.#scene.other]) texture.again();
      this.invalidate();
    });
    listen(canvas, {
      view: () => this.view(),
      move: (camera) => {
        this.#flight = undefined;
        state.isTurned.value = true;
        state.camera.value = camera;
      },
      click: (place, x, y) => {
        if (state.panel.value === 'what-if')
          state.epicentre.value = { magnitude: state.epicentre.value?.magnitude ?? 8.5, ...place };
        else this.#pick(place, this.#overlay?.pick(x, y));
      },
      choose: (place) => this.#pick(place, undefined),
    });
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
    actions.saveAnimation = (from, to, frames, onFrame) => this.#animate(from, to, frames, onFrame);
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#resize();
    void this.#loadShores().then(() => this.#loadOverlay(context));
    effect(() => {
      // The picture depends on these, and on frames as they come.
      for (const one of PICTURED) void one.value;
      this.invalidate();
    });
    effect(() => this.#openOther(state.comparison.value?.run));
    this.#forgetThePresent();
    const stopWaiting = effect(() => {
      if (state.layers.value.plates) void this.#loadPlates().finally(() => stopWaiting());
    });
    this.#probeWhenAsked();
    this.#askStations();
    requestAnimationFrame((now) => this.#turn(now));
  }

  get scene(): Scene {
    return this.#scene;
  }

  /** Whether one map is on its way to another. */
  get isBending(): boolean {
    return this.#bending.phase === 'bending';
  }

  invalidate(): void {
    this.#dirty = true;
  }

  /** Markers and labels come when the page has had its first picture. */
  async #loadOverlay(context: WebGL2RenderingContext): Promise<void> {
    const { Overlay } = await import('./overlay.ts');
    this.#overlay = new Overlay(this.#canvas, context, this.#scene.renderer, () => this.invalidate());
  }

  view(): View {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const isNarrow = width < NARROW;
    return {
      ...state.camera.value,
      projection: state.run.value?.grid.kind === 'plane' ? 'equirectangular' : state.projection.value,
      width,
      height,
      head: isNarrow ? HEAD : 0,
      // On a phone an open panel covers half of the picture.
      foot: !isNarrow ? FOOT : state.panel.value === undefined ? NARROW_FOOT : 0.62 * height,
    };
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    if (clientWidth > 0) this.#scene.resize(clientWidth, clientHeight, Math.min(devicePixelRatio, 2));
    this.invalidate();
  }

  #pick(place: state.Place, station: string | undefined): void {
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

  /** A GIF of the view from one time to another; waits for the frames that it takes. */
  async #animate(from: number, to: number, frames: number, onFrame: (done: number) => void): Promise<Blob> {
    const { GIFEncoder, applyPalette, quantize } = await import('gifenc');
    const gif = GIFEncoder();
    const before = { seconds: state.seconds.value, playing: state.playing.value };
    state.playing.value = false;
    try {
      for (let frame = 0; frame < frames; frame++) {
        state.seconds.value = from + ((to - from) * frame) / Math.max(1, frames - 1);
        const patience = performance.now() + 10_000;
        do {
          this.draw();
          await new Promise(requestAnimationFrame);
        } while (this.#film.isWaiting && performance.now() < patience);
        this.draw();
        const picture = pictureOf(this.#canvas, ANIMATION_WIDTH);
        const { data } = picture.getContext('2d')!.getImageData(0, 0, picture.width, picture.height);
        const palette = quantize(data, 256);
        gif.writeFrame(applyPalette(data, palette), picture.width, picture.height, { palette, delay: 80 });
        onFrame(frame + 1);
      }
    } finally {
      state.seconds.value = before.seconds;
      state.playing.value = before.playing;
    }
    gif.finish();
    return new Blob([gif.bytes() as Uint8Array<ArrayBuffer>], { type: 'image/gif' });
  }

  /** Shores at once; finer ones, for those who look closely, when the page has had its first picture. */
  async #loadShores(): Promise<void> {
    this.#scene.setCoast(await shores('110m'));
    this.invalidate();
  }

  async #refineShores(): Promise<void> {
    if (this.#hasFineShores) return;
    this.#hasFineShores = true;
    this.#scene.setCoast(await shores('50m'));
    this.invalidate();
  }

  /** Plate boundaries of Bird (2003), when somebody wants to see them. */
  async #loadPlates(): Promise<void> {
    const { default: plates } = await import('./plates.json');
    this.#scene.setPlates(lineGeometry(along(plates)));
    this.invalidate();
  }

  #openOther(id: string | undefined): void {
    if (id === undefined) state.otherRun.value = undefined;
    else if (state.connection.peek().phase === 'open') this.#session.openOther(id);
  }

  /** Pins are asked about when there are new ones, when the field changes, and once a second while time goes on. */
  #probeWhenAsked(): void {
    let asked = 0;
    let pending: ReturnType<typeof setTimeout> | undefined;
    let known = '';
    effect(() => {
      const pins = state.pins.value.map(({ id }) => id).join();
      const subject = [pins, state.field.value?.name, state.run.value?.id].join(' ');
      const seconds = state.seconds.value;
      void state.shown.value?.seconds;
      if (pins === '' || !state.run.value) return;
      const wait = subject === known ? Math.max(0, asked + 1000 - performance.now()) : 0;
      known = subject;
      clearTimeout(pending);
      pending = setTimeout(() => {
        asked = performance.now();
        this.#session.probe(seconds);
      }, wait);
    });
  }

  /** What was the present is past when the run goes on, and when it ends. */
  #forgetThePresent(): void {
    let phase = '';
    let forgot = 0;
    effect(() => {
      const { run, state: now } = state.progress.value ?? {};
      const isNews = `${run} ${now}` !== phase;
      phase = `${run} ${now}`;
      if (!isNews && (now !== 'running' || performance.now() < forgot + PRESENT)) return;
      forgot = performance.now();
      this.#film.forget('present');
    });
  }

  /** Gauges are asked for when somebody looks at them, and again every few seconds while they record. */
  #askStations(): void {
    let asked = Number.NEGATIVE_INFINITY;
    let subject = '';
    effect(() => {
      const { run, state: phase } = state.progress.value ?? {};
      const wanted = `${run} ${phase} ${state.connection.value.phase}`;
      if (state.panel.value !== 'stations' || run === undefined) return;
      if (wanted === subject && (phase !== 'running' || performance.now() < asked + 3000)) return;
      subject = wanted;
      asked = performance.now();
      this.#session.askStations();
    });
  }

  /** The finest level whose cells are worth their bytes in this view. */
  #level({ levels, grid }: RunInfo): number {
    if (grid.kind === 'plane') return 0;
    const view = this.view();
    // A panel is a quarter of the way round.
    const pixels = (scaleOf(view) * Math.PI) / 2;
    const cells = (level: number) => grid.cellsX / 2 ** level;
    const useful = levels.filter((level) => grid.panels * cells(level) ** 2 <= MOST_CELLS);
    const candidates = [...(useful.length > 0 ? useful : [Math.max(...levels)])].sort((a, b) => b - a);
    return candidates.find((level) => cells(level) >= 0.9 * pixels) ?? candidates.at(-1)!;
  }

  /** Watches the live field, or nothing. */
  #watch(run: RunInfo, field: FieldInfo, level: number, live: boolean): void {
    const wanted = live ? `${run.id} ${field.name} ${level}` : '';
    if (wanted === this.#watching) return;
    this.#watching = wanted;
    if (this.#watchId > 0) this.#session.send({ type: 'unwatch', id: this.#watchId });
    this.#watchId = live ? this.#session.nextId() : 0;
    if (live)
      this.#session.send({
        type: 'watch',
        id: this.#watchId,
        run: run.id,
        field: field.name,
        level,
        credits: CREDITS,
      });
  }

  /** After a reconnection the gateway knows of no watch. */
  reconnected(): void {
    this.#watching = '';
    this.#watchId = 0;
    // What has the same name now may be another run's.
    this.#film.forget('all');
    void this.#session.stream.forget();
    this.#newest = undefined;
    this.#earthOf = '';
    this.#flowOf = undefined;
    this.invalidate();
  }

  /** The frames between which the time on show lies, and the share of the later one. */
  #framesAt(run: RunInfo, field: FieldInfo, level: number, seconds: number | undefined) {
    const key = { run: run.id, field: field.name, level };
    const times = state.progress.value?.times ?? [];
    const live = state.progress.value?.state === 'running' || state.progress.value?.state === 'paused';
    const newest = this.#newest;
    const isNewest = newest?.run === run.id && newest.field === field.name;
    if (field.kind === 'lasting' || seconds === undefined || times.length === 0)
      return { first: live && isNewest ? newest : this.#film.ask(key), second: undefined, share: 0 };
    const k = indexAt(times, seconds);
    const [from, to] = [times[k]!, times[k + 1]];
    const first = this.#film.ask({ ...key, seconds: from });
    // Two runs are compared at a time that both have; a plane is shown cell by cell, time by time.
    const isWhole = state.compared.value !== undefined || run.grid.kind === 'plane';
    const share = to === undefined || isWhole ? 0 : Math.max(0, Math.min(1, (seconds - from) / (to - from)));
    const second = to === undefined || share === 0 ? undefined : this.#film.ask({ ...key, seconds: to });
    if (state.playing.value) for (const ahead of times.slice(k + 2, k + 5)) this.#film.ask({ ...key, seconds: ahead });
    return { first, second, share };
  }

  /** Time goes on while playing. */
  #play(elapsed: number): void {
    const { times = [], state: phase } = state.progress.value ?? {};
    // Time waits for the frames that it takes.
    if (!state.playing.value || times.length === 0 || state.loading.value) return;
    const last = times.at(-1)!;
    const seconds = (state.seconds.value ?? times[0]!) + elapsed * state.playbackSpeed.value;
    if (seconds < last) state.seconds.value = seconds;
    else if (phase === 'running') {
      state.seconds.value = undefined;
      state.playing.value = false;
    } else {
      state.seconds.value = last;
      state.playing.value = false;
    }
  }

  #fly(now: number): void {
    const flight = this.#flight;
    if (!flight) return;
    const share = Math.min(1, (now - flight.began) / 700);
    const eased = share * share * (3 - 2 * share);
    const { from, to } = flight;
    const turn = ((((to.longitude - from.longitude + 180) % 360) + 360) % 360) - 180;
    if (share === 1) this.#flight = undefined;
    state.camera.value = clampCamera({
      longitude: from.longitude + eased * turn,
      latitude: from.latitude + eased * (to.latitude - from.latitude),
      zoom: from.zoom * (to.zoom / from.zoom) ** eased,
    });
  }

  #turn(now: number): void {
    requestAnimationFrame((next) => this.#turn(next));
    // A tab that was hidden goes on where it was.
    const elapsed = Math.min(0.1, (now - this.#last) / 1000);
    this.#last = now;
    this.#play(elapsed);
    this.#flow(now, elapsed);
    this.#fly(now);
    this.#bend(elapsed);
    if (!this.#dirty || this.#isLost) return;
    this.#dirty = false;
    this.#draw(this.#bending.phase === 'bending' ? easedBend(this.#bending) : undefined);
  }

  #bend(elapsed: number): void {
    const projection = state.projection.value;
    const isStill = state.reducedMotion.value || state.run.value?.grid.kind === 'plane';
    const before = this.#bending;
    this.#bending = isStill ? settled(projection) : bent(before, projection, elapsed);
    if (before.phase === 'bending' || this.#bending.phase === 'bending') this.invalidate();
  }

  /** Particles drift with the flow of the time on show; its velocities are asked for once a second. */
  #flow(now: number, elapsed: number): void {
    const run = state.run.value;
    if (!state.layers.value.particles || !run?.flow || run.grid.kind === 'plane') return;
    if (!state.reducedMotion.value || this.#flowOf !== run.id) {
      this.#scene.particles.advance(elapsed);
      this.invalidate();
    }
    if (now < this.#flowAsked + 1000 || state.connection.value.phase === 'lost') return;
    this.#flowAsked = now;
    const level = Math.max(...run.levels.filter((one) => run.grid.cellsX / 2 ** one >= COARSEST_FLOW), run.levels[0]!);
    // A kept time, so that the frames are found again.
    const times = state.progress.value?.times ?? [];
    const seconds = state.seconds.value === undefined ? undefined : times[indexAt(times, state.seconds.value)];
    const stream = this.#session.stream;
    const key = (field: string) => ({ run: run.id, field, level, ...(seconds === undefined ? {} : { seconds }) });
    Promise.all(run.flow.map((field) => stream.frame(key(field))))
      .then(([east, north]) => {
        this.#scene.particles.follow(east!, north!);
        this.#flowOf = run.id;
      })
      .catch(() => {
        // Of the past the gateway may have kept no flow; the particles go on with the last they had.
      });
  }

  /** Draws once, now, the map that is wanted; or a moment on the way to it. */
  draw(bend?: Bend): void {
    this.#bending = settled(state.projection.value);
    this.#draw(bend);
  }

  #draw(bend: Bend | undefined): void {
    const began = performance.now();
    const [run, field] = [state.run.value, state.field.value];
    if (run && field) {
      const level = this.#level(run);
      const phase = state.progress.value?.state;
      const isLive = state.seconds.value === undefined && (phase === 'running' || phase === 'paused');
      this.#watch(run, field, level, isLive && state.connection.value.phase === 'open');
      const { first, second, share } = this.#framesAt(run, field, level, state.seconds.value);
      if (first) {
        this.#scene.field.show(first);
        if (second) this.#scene.next.show(second);
        const seconds = second ? first.seconds + share * (second.seconds - first.seconds) : first.seconds;
        const { step, low, high } = first;
        const before = state.shown.peek();
        const isNew = this.#shownFrame !== first;
        if (!before || before.seconds !== seconds || before.field !== field.name || isNew)
          state.shown.value = {
            ...{ field: field.name, seconds, step, low, high },
            // Clocks of two machines differ; a frame from the future has come at once.
            latency: isNew ? Math.max(0, Date.now() - first.captured) : (before?.latency ?? 0),
          };
        this.#shownFrame = first;
      }
      state.loading.value = this.#film.isWaiting && !first;
      this.#compare(level);
      this.#dressEarth(run);
      if (this.view().zoom > CLOSE) void this.#refineShores();
      // Of another run or field there is nothing to show yet.
      const fits = this.#shownFrame?.run === run.id && this.#shownFrame.field === field.name;
      this.#scene.draw(this.#lookOf(run, field, fits, first ? (second ? share : 0) : 0, bend));
    } else this.#scene.draw(this.#lookOf(undefined, undefined, false, 0, bend));
    // Marks and labels come back when the map stands still.
    if (!bend) this.#overlay?.draw(this.view());
    this.#drawn = [...this.#drawn.filter((at) => at > began - 1000), began];
    state.drawing.value = { perSecond: this.#drawn.length, milliseconds: performance.now() - began };
  }

  #shownFrame: DecodedFrame | undefined;

  #compare(level: number): void {
    const [other, field] = [state.otherRun.value, state.field.value];
    if (state.compared.value === undefined || !other || !field) return;
    if (!other.fields.some(({ name }) => name === field.name)) return;
    const times = state.otherProgress.value?.times ?? [];
    const shown = state.shown.value?.seconds;
    const seconds = field.kind === 'lasting' || shown === undefined ? undefined : nearestOf(times, shown);
    const nearest = Math.max(...other.levels.filter((one) => one <= level), Math.min(...other.levels));
    const frame = this.#film.ask({
      ...{ run: other.id, field: field.name, level: nearest },
      ...(seconds === undefined ? {} : { seconds }),
    });
    if (!frame) return;
    this.#scene.other.show(frame);
    state.otherSeconds.value = frame.seconds;
  }

  /** Land and relief of the run's own ground: coarse at once, fine when there is time. */
  #dressEarth(run: RunInfo): void {
    // What happens comes first, where it happens after it.
    if (this.#earthOf === run.id || run.grid.kind === 'plane' || !this.#shownFrame) return;
    this.#earthOf = run.id;
    this.#hasLand = true;
    const { ground, levels, grid } = run;
    const light = levels.filter((level) => grid.panels * (grid.cellsX / 2 ** level) ** 2 <= MOST_CELLS);
    const level = light.length > 0 ? Math.min(...light) : Math.max(...levels);
    const key = ground === undefined ? undefined : { run: run.id, field: ground, level };
    const sign = ground?.includes('depth') ? -1 : 1;
    const dress = async (detail: LandDetail, size: number) => {
      const frame = key && (await this.#session.stream.frame(key));
      const earth = await this.#earthMaker.make(frame, sign, detail, size);
      if (state.runId.value !== run.id) return;
      this.#scene.setEarth(earth);
      this.#hasLand = earth.hasLand;
      this.invalidate();
    };
    dress('110m', COARSE_EARTH)
      .then(() => dress('50m', FINE_EARTH))
      .catch(() => {
        // The ground comes with the next frame that does.
        if (this.#earthOf === run.id) this.#earthOf = '';
      });
  }

  /** How the frame on the screen is to look now. */
  look(): Look {
    return this.#lookOf(state.run.value, state.field.value, this.#shownFrame !== undefined, 0, undefined);
  }

  #lookOf(
    run: RunInfo | undefined,
    field: FieldInfo | undefined,
    hasFrame: boolean,
    towardsNext: number,
    bend: Bend | undefined,
  ): Look {
    const layers = state.layers.value;
    const { map, limits, logarithmic } = state.colouring.value;
    const other = this.#scene.other.frame;
    const hasOther = other !== undefined && other.run === state.otherRun.value?.id && other.field === field?.name;
    const time = run ? new Date(Date.parse(run.start) + 1000 * state.secondsShown.value) : undefined;
    return {
      view: bend ? { ...this.view(), projection: bend.to } : this.view(),
      bend,
      showField: layers.field && hasFrame,
      // An ocean of a scenario's own has none of Earth's land.
      coversLand: run !== undefined && (run.equations !== 'tsunami' || !this.#hasLand),
      ...{ map, limits, logarithmic },
      contours: layers.contours && field ? contourStep(field, limits) : 0,
      towardsNext,
      comparison: (hasOther && state.compared.value) || 'none',
      swipe: state.comparison.value?.at ?? 0.5,
      coast: layers.coast,
      graticule: layers.graticule,
      plates: layers.plates,
      particles: layers.particles && this.#flowOf === run?.id,
      relief: layers.relief,
      exaggeration: state.exaggeration.value,
      sun: layers.daylight && time ? sunAt(time) : undefined,
      plane: run?.grid.kind === 'plane' ? [run.grid.cellsX, run.grid.cellsY] : undefined,
    };
  }
}

/** The last of some ascending times that is not after another; the first where all are. */
function indexAt(times: readonly number[], seconds: number): number {
  const after = times.findIndex((time) => time > seconds + 1e-6);
  return Math.max(0, (after === -1 ? times.length : after) - 1);
}

const nearestOf = (times: readonly number[], seconds: number): number | undefined =>
  times.reduce<number | undefined>(
    (best, time) => (best === undefined || Math.abs(time - seconds) < Math.abs(best - seconds) ? time : best),
    undefined,
  );

/** Hours for arrivals, otherwise about ten round steps between the limits. */
function contourStep({ units }: FieldInfo, [low, high]: readonly [number, number]): number {
  if (units === 's') return 3600;
  const rough = (high - low) / 10;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= rough * 0.99) ?? rough;
}
