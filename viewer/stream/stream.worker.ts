import { expose, transfer } from 'comlink';
import { FRAME, MISSING, packMessage, unpackFrame, unpackMessage } from '../../workers/protocol/frame.ts';
import {
  lastingFramePath,
  movingFramePath,
  SITE_INDEX,
  SITE_STATIONS,
  SITE_VERSION,
  type SiteIndex,
} from '../../workers/protocol/site.ts';
import { decodeTile } from '../../workers/protocol/tile-decoding.ts';
import { type Reply, type Request, SUBPROTOCOL } from '../../workers/protocol/viewing.ts';
import type { DecodedFrame } from './decoded-frame.ts';
import { fillHalos, layerSize } from './halo.ts';

/** What a connection tells the page. */
export interface StreamEvents {
  onReply(reply: Reply): void;
  onFrame(frame: DecodedFrame): void;
  onClose(code: number, reason: string): void;
}

export interface FrameKey {
  readonly run: string;
  readonly field: string;
  readonly level: number;
  /** The present where there is none. */
  readonly seconds?: number;
}

interface Waiting {
  resolve(frame: DecodedFrame): void;
  reject(error: Error): void;
}

/** Frames of past times do not change: their bytes are kept, the oldest asked for go first. */
const KEPT_BYTES = 96 * 2 ** 20;

/** What messages go over: a web socket, or a port in the same page. */
interface Line {
  isOpen(): boolean;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

let socket: Line | undefined;
/** The files of a site, where there is no gateway: its address, and the times of its moving fields. */
let site: { readonly base: string; readonly index: SiteIndex } | undefined;
let events: StreamEvents | undefined;
/** Requests for frames have odd numbers, all others even ones, which the page chooses. */
let lastRequest = 1;
const waiting = new Map<number, Waiting & { readonly key: string | undefined }>();
const kept = new Map<string, Uint8Array>();
let keptBytes = 0;

const keyOf = ({ run, field, level, seconds }: FrameKey): string | undefined =>
  seconds === undefined ? undefined : `${run} ${field} ${level} ${seconds}`;

function keep(key: string, bytes: Uint8Array): void {
  if (kept.has(key)) return;
  kept.set(key, bytes);
  keptBytes += bytes.length;
  for (const [oldest, { length }] of kept) {
    if (keptBytes <= KEPT_BYTES) break;
    kept.delete(oldest);
    keptBytes -= length;
  }
}

/** Codes of a frame, tile after tile in the order of their numbers. */
export function decodeFrame(bytes: Uint8Array): DecodedFrame {
  const began = performance.now();
  const { header, tiles } = unpackFrame(bytes);
  const { cellsX, cellsY, tileX, tileY } = header;
  const perPanel = (cellsX / tileX) * (cellsY / tileY);
  // A plane has one panel, the globe six; tiles that were not sent still have their place.
  const most = Math.max(perPanel, ...header.tiles.map((tile) => tile + 1));
  const panels = most > perPanel ? 6 : Math.ceil(most / perPanel);
  const onGlobe = panels === 6;
  // On the globe a line of the neighbours' cells lies around every tile.
  const [layerX, layerY] = onGlobe ? [layerSize(tileX), layerSize(tileY)] : [tileX, tileY];
  const inset = onGlobe ? layerX + 1 : 0;
  const codes = new Uint16Array(layerX * layerY * perPanel * panels);
  if (header.tiles.length < perPanel * panels) codes.fill(MISSING);
  for (const [k, tile] of header.tiles.entries())
    decodeTile(tiles[k]!, codes, {
      width: tileX,
      height: tileY,
      first: tile * layerX * layerY + inset,
      stride: layerX,
    });
  if (onGlobe) fillHalos(codes, cellsX, tileX);
  const { id, run, field, step, seconds, captured, level, low, high } = header;
  return {
    ...{
      id,
      run,
      field,
      step,
      seconds,
      captured,
      level,
      cellsX,
      cellsY,
      tileX,
      tileY,
      panels,
      layerX,
      layerY,
      low,
      high,
    },
    codes,
    decoding: performance.now() - began,
  };
}

function take(bytes: Uint8Array): void {
  if (bytes[0] === FRAME) {
    let frame: DecodedFrame;
    try {
      frame = decodeFrame(bytes);
    } catch (error) {
      const { id } = unpackFrame(bytes).header;
      waiting.get(id)?.reject(error as Error);
      waiting.delete(id);
      throw error;
    }
    const asked = waiting.get(frame.id);
    if (asked) {
      waiting.delete(frame.id);
      if (asked.key) keep(asked.key, bytes);
      asked.resolve(frame);
    } else events?.onFrame(transfer(frame, [frame.codes.buffer as ArrayBuffer]));
    return;
  }
  const reply = unpackMessage(bytes) as Reply;
  if (reply.type === 'refused' && reply.id !== undefined && waiting.has(reply.id)) {
    waiting.get(reply.id)!.reject(new Error(`${reply.code}: ${reply.message}`));
    waiting.delete(reply.id);
  } else events?.onReply(reply);
}

/** Bytes of a site's frame: the newest at or before the time, the last one where none is given. */
async function siteFrame(
  { base, index }: { readonly base: string; readonly index: SiteIndex },
  { field, seconds }: FrameKey,
): Promise<Uint8Array> {
  const times = index.moving[field];
  const after = times?.findIndex((time) => seconds !== undefined && time > seconds + 1e-6) ?? -1;
  const path = times
    ? movingFramePath(field, after === -1 ? times.length - 1 : Math.max(0, after - 1))
    : lastingFramePath(field);
  const answer = await fetch(new URL(path, base));
  if (!answer.ok) throw new Error(`FrameMissing: ${path} is not there (${answer.status}). Export the site again.`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** Nobody answers any more what was asked over a line that is gone. */
function abandonWaiting(): void {
  for (const { reject } of waiting.values()) reject(new Error('ConnectionLost: the gateway is gone.'));
  waiting.clear();
}

const stream = {
  /** Connects; an earlier connection is let go. */
  open(url: string, handlers: StreamEvents): void {
    stream.close();
    events = handlers;
    site = undefined;
    const web = new WebSocket(url, SUBPROTOCOL);
    web.binaryType = 'arraybuffer';
    const opened: Line = {
      isOpen: () => web.readyState === WebSocket.OPEN,
      send: (bytes) => web.send(bytes),
      close: () => web.close(),
    };
    socket = opened;
    web.onmessage = ({ data }) => {
      try {
        take(new Uint8Array(data as ArrayBuffer));
      } catch (error) {
        console.error('a message of the gateway was not understood:', error);
      }
    };
    web.onclose = ({ code, reason }) => {
      if (socket !== opened) return;
      socket = undefined;
      abandonWaiting();
      handlers.onClose(code, reason);
    };
  },

  /** Connects to a gateway in the same page. */
  openPort(port: MessagePort, handlers: StreamEvents): void {
    stream.close();
    site = undefined;
    events = handlers;
    const opened: Line = {
      isOpen: () => socket === opened,
      send: (bytes) => port.postMessage(bytes),
      close: () => {
        // What is no bytes says goodbye.
        port.postMessage(undefined);
        port.close();
      },
    };
    socket = opened;
    port.onmessage = ({ data }: MessageEvent<Uint8Array>) => {
      if (socket !== opened) return;
      try {
        take(data);
      } catch (error) {
        console.error('a message of the page’s own run was not understood:', error);
      }
    };
  },

  /** Forgets all frames: those of another run may have the same names. */
  forget(): void {
    kept.clear();
    keptBytes = 0;
  },

  close(): void {
    const closing = socket;
    socket = undefined;
    closing?.close();
    abandonWaiting();
  },

  send(request: Request): void {
    if (socket?.isOpen()) socket.send(packMessage(request) as Uint8Array<ArrayBuffer>);
  },

  /** Looks for a site's index beside the page; undefined where there is none. */
  async openSite(base: string): Promise<SiteIndex | undefined> {
    const answer = await fetch(new URL(SITE_INDEX, base)).catch(() => undefined);
    if (!answer?.ok || !answer.headers.get('content-type')?.includes('json')) return undefined;
    const index = (await answer.json()) as SiteIndex;
    if (index.version !== SITE_VERSION)
      throw new Error(`BadSite: version ${index.version} is not known here. Export the site again with this Terrella.`);
    site = { base, index };
    return index;
  },

  /** What a site's gauges recorded. */
  async siteStations(): Promise<Reply | undefined> {
    if (!site) return undefined;
    const answer = await fetch(new URL(SITE_STATIONS, site.base));
    return answer.ok ? (unpackMessage(new Uint8Array(await answer.arrayBuffer())) as Reply) : undefined;
  },

  /** A frame of a past time, or the present one. Throws what the gateway refuses. */
  async frame(wanted: FrameKey): Promise<DecodedFrame> {
    const key = keyOf(wanted);
    const bytes = key === undefined ? undefined : kept.get(key);
    const sent = (frame: DecodedFrame) => transfer(frame, [frame.codes.buffer as ArrayBuffer]);
    if (bytes) {
      kept.delete(key!);
      kept.set(key!, bytes);
      return sent(decodeFrame(bytes));
    }
    if (site) {
      const file = await siteFrame(site, wanted);
      if (key) keep(key, file);
      return sent(decodeFrame(file));
    }
    if (!socket?.isOpen()) throw new Error('ConnectionLost: the gateway is gone.');
    lastRequest += 2;
    const id = lastRequest;
    const found = new Promise<DecodedFrame>((resolve, reject) => waiting.set(id, { resolve, reject, key }));
    stream.send({ type: 'frame', id, ...wanted });
    return sent(await found);
  },
};

export type Stream = typeof stream;

expose(stream);
