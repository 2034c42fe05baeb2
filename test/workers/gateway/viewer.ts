import { WebSocket } from 'ws';
import { FRAME, type FrameHeader, packMessage, unpackFrame, unpackMessage } from '../../../workers/protocol/frame.ts';
import { codeValue, decodeTile } from '../../../workers/protocol/tile-decoding.ts';
import { type Reply, type Request, SOCKET_PATH, SUBPROTOCOL } from '../../../workers/protocol/viewing.ts';

export interface ReceivedFrame {
  readonly header: FrameHeader;
  readonly tiles: readonly Uint8Array[];
  readonly size: number;
}

type ReplyOf<T extends Reply['type']> = Extract<Reply, { readonly type: T }>;

/** A viewer without a screen: says what it is told, and remembers all that it hears. */
export class TestViewer {
  readonly socket: WebSocket;
  readonly replies: Reply[] = [];
  readonly frames: ReceivedFrame[] = [];
  /** Pays a credit for every frame of a watch that comes. */
  paysAtOnce = false;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  private readonly waiting = new Set<() => void>();
  private ended = false;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      if (data[0] === FRAME) {
        const frame = unpackFrame(data);
        this.frames.push({ ...frame, size: data.length });
        if (this.paysAtOnce) this.say({ type: 'credit', id: frame.header.id, frames: 1 });
      } else this.replies.push(unpackMessage(data) as Reply);
      this.wake();
    });
    socket.on('error', () => {});
    this.closed = new Promise((done) => {
      socket.on('close', (code, reason) => {
        this.ended = true;
        done({ code, reason: reason.toString() });
        this.wake();
      });
    });
  }

  say(request: Request): void {
    this.socket.send(packMessage(request));
  }

  /** Waits until something holds of what has come; throws where the connection ends before. */
  async until<T>(found: () => T | undefined | false): Promise<T> {
    for (;;) {
      const value = found();
      if (value) return value;
      if (this.ended) throw new Error(`the connection ended; last heard: ${JSON.stringify(this.replies.at(-1))}`);
      await new Promise<void>((done) => this.waiting.add(done));
    }
  }

  /** The next reply of a type that has not been taken yet. */
  async next<T extends Reply['type']>(type: T, fits: (reply: ReplyOf<T>) => boolean = () => true): Promise<ReplyOf<T>> {
    const index = await this.until(() => {
      const at = this.replies.findIndex((reply) => reply.type === type && fits(reply as ReplyOf<T>));
      return at < 0 ? undefined : { at };
    });
    return this.replies.splice(index.at, 1)[0] as ReplyOf<T>;
  }

  nextFrame(fits: (frame: ReceivedFrame) => boolean = () => true): Promise<ReceivedFrame> {
    return this.until(() => {
      const at = this.frames.findIndex(fits);
      return at >= 0 && this.frames.splice(at, 1)[0];
    });
  }

  async close(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  private wake(): void {
    for (const done of this.waiting) done();
    this.waiting.clear();
  }
}

/** Connects as a viewer does. Throws with the HTTP status where the gateway refuses. */
export function connect(
  port: number,
  { protocol = SUBPROTOCOL, path = SOCKET_PATH, origin }: { protocol?: string; path?: string; origin?: string } = {},
): Promise<TestViewer> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol, {
    perMessageDeflate: false,
    ...(origin === undefined ? {} : { origin }),
  });
  const viewer = new TestViewer(socket);
  return new Promise((done, fail) => {
    socket.on('open', () => done(viewer));
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      fail(new Error(`refused with ${response.statusCode}`));
    });
    socket.on('error', fail);
  });
}

/** Values of a frame's tiles, laid out as its panels. */
export function valuesOf({ header, tiles }: ReceivedFrame): Float64Array[] {
  const { cellsX, cellsY, tileX, tileY, low, high } = header;
  const across = cellsX / tileX;
  const perPanel = across * (cellsY / tileY);
  const panels: Float64Array[] = [];
  for (const [k, bytes] of tiles.entries()) {
    const index = header.tiles[k]!;
    const panel = Math.floor(index / perPanel);
    panels[panel] ??= new Float64Array(cellsX * cellsY).fill(Number.NaN);
    const codes = new Uint16Array(tileX * tileY);
    decodeTile(bytes, codes, { width: tileX, height: codes.length / tileX, first: 0, stride: tileX });
    const [i0, j0] = [(index % across) * tileX, Math.floor((index % perPanel) / across) * tileY];
    codes.forEach((code, cell) => {
      panels[panel]![(j0 + Math.floor(cell / tileX)) * cellsX + i0 + (cell % tileX)] = codeValue(code, low, high);
    });
  }
  return panels;
}
