import { Deck, type Layer, OrthographicView } from '@deck.gl/core';
import { PathLayer, ScatterplotLayer, SolidPolygonLayer, TextLayer } from '@deck.gl/layers';
import type { WebGLRenderer } from 'three';
import { PANEL_AXES } from '../../engine/grid/panels.ts';
import type { RunInfo } from '../../workers/protocol/viewing.ts';
import { chosenNode, cluster, clusterRun, freshMoves, showsCluster, watchedNodes } from '../cluster.ts';
import { colourOfSlot } from '../node-colours.ts';
import { PLACES } from '../panels/places.ts';
import * as state from '../state.ts';
import { placeOf, project, scaleOf, type Vector, type View } from './projection.ts';
import { marksOf } from './shards.ts';

type Colour = [number, number, number, number];

/** A point of the picture with what stands there. */
interface Mark {
  readonly position: [number, number];
  readonly radius: number;
  readonly fill: Colour;
  readonly line: Colour;
  readonly station?: string;
  readonly node?: string;
}

/** What one may choose on the picture. */
export interface Picked {
  readonly station?: string | undefined;
  readonly node?: string | undefined;
}

interface Label {
  readonly position: [number, number];
  readonly text: string;
  readonly size: number;
  readonly colour: Colour;
  readonly offset: [number, number];
  readonly anchor?: 'start' | 'end';
}

const STATION: Colour = [255, 214, 102, 255];
const CHOSEN: Colour = [255, 255, 255, 255];
const EVENT: Colour = [255, 96, 84, 255];
const PIN: Colour = [126, 200, 255, 255];
const TROUBLE: Colour = [255, 196, 107, 255];
const DARK: Colour = [8, 12, 22, 220];
const FONT = 'Inter, system-ui, sans-serif';
/** Labels nearer to one another than this are left out, the less important first [px]. */
const ROOM: readonly [number, number] = [92, 20];

/** Flat layers over what three drew: no depth, no culling, colours over what is there. */
const OVER = {
  depthCompare: 'always',
  depthWriteEnabled: false,
  cullMode: 'none',
  blend: true,
  blendColorOperation: 'add',
  blendAlphaOperation: 'add',
  blendColorSrcFactor: 'src-alpha',
  blendColorDstFactor: 'one-minus-src-alpha',
  blendAlphaSrcFactor: 'one',
  blendAlphaDstFactor: 'one-minus-src-alpha',
} as const;

/**
 * Markers, labels and tiles, drawn by deck.gl into the context of three, in pixels of the picture: so that they lie where
 * the field does on every map, with the same arithmetic.
 */
export class Overlay {
  readonly #deck: Deck<OrthographicView>;
  readonly #renderer: WebGLRenderer;
  #isReady = false;
  #seen: readonly unknown[] = [];
  readonly #outlines = new Map<string, readonly (readonly Vector[])[]>();

  constructor(canvas: HTMLCanvasElement, gl: WebGL2RenderingContext, renderer: WebGLRenderer, onReady: () => void) {
    this.#renderer = renderer;
    this.#deck = new Deck({
      gl,
      width: canvas.clientWidth,
      height: canvas.clientHeight,
      views: new OrthographicView({ id: 'picture', flipY: true }),
      viewState: { target: [0, 0, 0], zoom: 0 },
      controller: false,
      layers: [],
      // The director says when.
      _customRender: () => {},
      onLoad: () => {
        // Pointers are the director's: deck would pick at every move of one.
        (this.#deck as unknown as { eventManager: { destroy(): void } | null }).eventManager?.destroy();
        this.#isReady = true;
        onReady();
      },
      onError: (error) => console.error('the overlay could not be drawn:', error),
    });
  }

  draw(view: View): void {
    if (!this.#isReady) return;
    this.#renderer.resetState();
    const deck = this.#deck as unknown as {
      _drawLayers(reason: string, options: { clearCanvas: boolean }): void;
      layerManager: { updateLayers(): void } | null;
    };
    if (this.#isNews(view)) {
      this.#deck.setProps({
        width: view.width,
        height: view.height,
        viewState: { target: [view.width / 2, view.height / 2, 0], zoom: 0 },
        layers: this.#layers(view),
      });
      deck.layerManager?.updateLayers();
    }
    deck._drawLayers('frame', { clearCanvas: false });
    this.#renderer.resetState();
  }

  /** The station or node at a pixel, if any. */
  pick(x: number, y: number): Picked | undefined {
    if (!this.#isReady) return undefined;
    const found = this.#deck.pickObject({ x, y, radius: 8, layerIds: ['stations', 'nodes'] });
    this.#renderer.resetState();
    return found?.object as Mark | undefined;
  }

  /** Whether anything that layers are made from has changed since they were made. */
  #isNews(view: View): boolean {
    const { width, height, longitude, latitude, zoom, projection, head, foot } = view;
    const seen = [
      ...[width, height, longitude, latitude, zoom, projection, head, foot],
      ...[state.run.value, state.layers.value, state.chosenStation.value, state.pins.value, state.epicentre.value],
      state.layers.value.tiles ? state.progress.value?.tiles : undefined,
      ...(showsCluster.value ? [cluster.value, clusterRun.value, chosenNode.value, freshMoves.value] : []),
    ];
    const isNews = seen.length !== this.#seen.length || seen.some((value, k) => value !== this.#seen[k]);
    this.#seen = seen;
    return isNews;
  }

  #layers(view: View): Layer[] {
    if (showsCluster.value) return clusterLayers(view);
    const run = state.run.value;
    if (!run || run.grid.kind === 'plane') return [];
    const { stations, places, tiles } = state.layers.value;
    const layers: Layer[] = [];
    if (tiles) layers.push(...this.#tileLayers(view, run));
    const labels: Label[] = [];
    const chosen = state.chosenStation.value;
    const marks = (stations ? run.stations : []).flatMap((station): Mark[] => {
      const at = project(view, station);
      if (!at) return [];
      const isChosen = station.id === chosen;
      labels.push(label([at.x, at.y], station.name, 11, isChosen ? CHOSEN : [255, 226, 150, 235], [9, 0]));
      return [
        {
          position: [at.x, at.y],
          radius: isChosen ? 6 : 4.5,
          fill: station.observed ? STATION : [40, 44, 52, 230],
          line: isChosen ? CHOSEN : station.observed ? DARK : STATION,
          station: station.id,
        },
      ];
    });
    const others: Mark[] = [];
    for (const event of stations ? run.events : []) {
      const at = project(view, event);
      if (!at) continue;
      others.push({ position: [at.x, at.y], radius: 9, fill: [255, 96, 84, 70], line: EVENT });
      others.push({ position: [at.x, at.y], radius: 2.5, fill: EVENT, line: EVENT });
      labels.unshift(label([at.x, at.y], event.title, 12, [255, 190, 182, 255], [14, 0]));
    }
    for (const pin of state.pins.value) {
      const at = project(view, pin);
      if (at) others.push({ position: [at.x, at.y], radius: 5.5, fill: PIN, line: DARK });
    }
    const epicentre = state.epicentre.value;
    const struck = epicentre && project(view, epicentre);
    if (epicentre && struck)
      others.push({
        position: [struck.x, struck.y],
        // About the length of such a rupture.
        radius: Math.max(5, (10 ** (0.5 * epicentre.magnitude - 2) / 6371 / 2) * scaleOf(view)),
        fill: [255, 140, 90, 60],
        line: [255, 170, 120, 255],
      });
    if (places) {
      const most = Math.min(3, 1 + Math.floor(Math.log2(Math.max(1, state.camera.value.zoom)) + 0.5));
      for (const place of PLACES) {
        if (place.rank > most) continue;
        const at = project(view, place);
        if (!at) continue;
        others.push({ position: [at.x, at.y], radius: 1.6, fill: [235, 240, 248, 220], line: [0, 0, 0, 0] });
        labels.push(label([at.x, at.y], place.name, 11, [222, 230, 242, 225], [6, 0]));
      }
    }
    layers.push(circles('marks', others), circles('stations', marks, true), texts(spread(labels)));
    return layers;
  }

  /** Outlines of tiles, those at work aglow. */
  #tileLayers(view: View, run: RunInfo): Layer[] {
    const outlines = this.#outlinesOf(run);
    const busy = state.progress.value?.tiles;
    const rings = outlines.map((ring) => {
      const points = ring.map((r) => project(view, placeOf(r)));
      return points.every((point) => point !== undefined)
        ? points.map((point): [number, number] => [point!.x, point!.y])
        : undefined;
    });
    // A tile across the edge of a map would be drawn all over it.
    const whole = (ring: readonly [number, number][] | undefined): ring is [number, number][] =>
      ring !== undefined && Math.max(...ring.map(([x]) => x)) - Math.min(...ring.map(([x]) => x)) < 0.5 * view.width;
    const shown = rings.map((ring, tile) => ({ ring, tile })).filter(({ ring }) => whole(ring));
    return [
      new SolidPolygonLayer({
        id: 'tiles',
        data: shown.filter(({ tile }) => busy?.[tile]),
        getPolygon: ({ ring }) => ring!,
        getFillColor: [110, 215, 190, 26],
        parameters: OVER,
      }),
      new PathLayer({
        id: 'outlines',
        data: shown,
        getPath: ({ ring }) => ring!,
        getColor: ({ tile }) => (busy?.[tile] ? [120, 232, 205, 200] : [150, 170, 200, 70]),
        getWidth: ({ tile }) => (busy?.[tile] ? 2 : 1.5),
        widthUnits: 'pixels',
        updateTriggers: { getColor: busy, getWidth: busy },
        parameters: OVER,
      }),
    ];
  }

  #outlinesOf({ id, grid }: RunInfo): readonly (readonly Vector[])[] {
    const known = this.#outlines.get(id);
    if (known) return known;
    const made: Vector[][] = [];
    const { cellsX, tileX, panels } = grid;
    const across = cellsX / tileX;
    const at = (panel: number, i: number, j: number): Vector => {
      const [centre, alongI, alongJ] = PANEL_AXES[panel]!;
      const [X, Y] = [i, j].map((k) => Math.tan((k / across - 0.5) * (Math.PI / 2))) as [number, number];
      const size = Math.sqrt(1 + X * X + Y * Y);
      const component = (k: 0 | 1 | 2) => (centre[k] + X * alongI[k] + Y * alongJ[k]) / size;
      return [component(0), component(1), component(2)];
    };
    const steps = 4;
    for (let panel = 0; panel < panels; panel++)
      for (let j = 0; j < across; j++)
        for (let i = 0; i < across; i++) {
          const ring: Vector[] = [];
          for (let k = 0; k < steps; k++) ring.push(at(panel, i + k / steps, j));
          for (let k = 0; k < steps; k++) ring.push(at(panel, i + 1, j + k / steps));
          for (let k = 0; k < steps; k++) ring.push(at(panel, i + 1 - k / steps, j + 1));
          for (let k = 0; k <= steps; k++) ring.push(at(panel, i, j + 1 - k / steps));
          made.push(ring);
        }
    this.#outlines.set(id, made);
    return made;
  }
}

const RADIUS = 7;
/** Nodes nearer to one another than this are drawn side by side [px]. */
const APART = 16;

/** Nodes where they stand, and the way that tiles have just gone. */
function clusterLayers(view: View): Layer[] {
  const chosen = chosenNode.value;
  const at = new Map<string, [number, number]>();
  const labels: Label[] = [];
  const marks = marksOf(cluster.value?.nodes ?? [], clusterRun.value).flatMap(({ node, place, isDeclared }): Mark[] => {
    const found = project(view, place);
    if (!found) return [];
    const position: [number, number] = [found.x, found.y];
    while ([...at.values()].some(([x, y]) => Math.abs(x - position[0]) < APART && Math.abs(y - position[1]) < APART))
      position[1] += APART + 2;
    at.set(node.name, position);
    const isSilent = node.state === 'silent';
    const colour: Colour = [...colourOfSlot(node.slot), 255];
    const words = isSilent ? `${node.name}: silent` : node.name;
    const isChosen = node.name === chosen;
    // Near the right edge there is no room for a name but on the left.
    const isLeft = position[0] + 9 * words.length > view.width;
    const offset: [number, number] = [(isLeft ? -1 : 1) * (RADIUS + 5), 0];
    const text = label(position, words, 12, isSilent ? TROUBLE : [240, 245, 252, 255], offset);
    const one: Label = isLeft ? { ...text, anchor: 'end' } : text;
    if (isChosen || isSilent) labels.unshift(one);
    else labels.push(one);
    return [
      {
        position,
        radius: isChosen ? RADIUS + 2 : RADIUS,
        // Hollow where nobody has said that it stands there.
        fill: isSilent ? [40, 20, 18, 240] : isDeclared ? colour : [12, 18, 30, 215],
        line: isChosen ? CHOSEN : isSilent ? TROUBLE : isDeclared ? DARK : colour,
        node: node.name,
      },
    ];
  });
  const arcs = freshMoves.value.flatMap((move) => {
    const [from, to] = [at.get(move.from), at.get(move.to)];
    const node = watchedNodes.value.get(move.to);
    if (move.run !== clusterRun.value?.id || !from || !to || !node) return [];
    return [{ path: arcBetween(from, to), colour: [...colourOfSlot(node.slot), 235] as Colour, tiles: move.tiles }];
  });
  return [
    new PathLayer({
      id: 'moves',
      data: arcs,
      getPath: ({ path }) => path,
      getColor: ({ colour }) => colour,
      getWidth: ({ tiles }) => Math.min(6, 1.5 + Math.sqrt(tiles) / 2),
      widthUnits: 'pixels',
      capRounded: true,
      jointRounded: true,
      parameters: OVER,
    }),
    texts(spread(labels), true),
    circles('nodes', marks, true, 2.5),
  ];
}

/** A bow over the picture from one point to another. */
function arcBetween(from: readonly [number, number], to: readonly [number, number]): [number, number][] {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  // It rises, whichever way it goes.
  const lift = dx >= 0 ? 0.28 : -0.28;
  const middle = [(from[0] + to[0]) / 2 + lift * dy, (from[1] + to[1]) / 2 - lift * dx] as const;
  return Array.from({ length: 33 }, (_, k): [number, number] => {
    const t = k / 32;
    const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t * t];
    return [a * from[0] + b * middle[0] + c * to[0], a * from[1] + b * middle[1] + c * to[1]];
  });
}

const label = (
  position: [number, number],
  text: string,
  size: number,
  colour: Colour,
  offset: [number, number],
): Label => ({ position, text, size, colour, offset });

/** Leaves out labels that would lie on another that comes before. */
function spread(labels: readonly Label[]): Label[] {
  const kept: Label[] = [];
  for (const one of labels) {
    const [x, y] = one.position;
    const isFree = kept.every(
      ({ position }) => Math.abs(position[0] - x) > ROOM[0] || Math.abs(position[1] - y) > ROOM[1],
    );
    if (isFree) kept.push(one);
  }
  return kept;
}

const circles = (id: string, data: readonly Mark[], pickable = false, lineWidth = 1.5) =>
  new ScatterplotLayer<Mark>({
    id,
    data,
    pickable,
    radiusUnits: 'pixels',
    lineWidthUnits: 'pixels',
    stroked: true,
    getPosition: ({ position }) => position,
    getRadius: ({ radius }) => radius,
    getFillColor: ({ fill }) => fill,
    getLineColor: ({ line }) => line,
    getLineWidth: lineWidth,
    parameters: OVER,
  });

const texts = (data: readonly Label[], hasGround = false) =>
  new TextLayer<Label>({
    id: 'labels',
    data,
    getPosition: ({ position }) => position,
    getText: ({ text }) => text,
    getSize: ({ size }) => size,
    getColor: ({ colour }) => colour,
    getPixelOffset: ({ offset }) => offset,
    // Over bright tiles an outline is not enough.
    background: hasGround,
    getBackgroundColor: [6, 10, 18, 190],
    backgroundPadding: [4, 2],
    getTextAnchor: ({ anchor }) => anchor ?? 'start',
    getAlignmentBaseline: 'center',
    fontFamily: FONT,
    fontWeight: 600,
    fontSettings: { sdf: true, fontSize: 64, buffer: 12, radius: 16, smoothing: 0.18 },
    outlineWidth: 2,
    outlineColor: [6, 10, 18, 230],
    characterSet: 'auto',
    parameters: OVER,
  });
