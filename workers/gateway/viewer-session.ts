import { MESSAGE, packMessage, unpackMessage } from '../protocol/frame.ts';
import { type ClusterView, changeOf } from '../protocol/operations.ts';
import { CLOSE, type Reply, type Request } from '../protocol/viewing.ts';
import type { ClusterSource } from './cluster-watch.ts';
import { type Frame, packTiles } from './frame-encoding.ts';
import { MessageAllowance } from './message-allowance.ts';
import { Refusal } from './refusal.ts';
import { readRequest } from './request-reading.ts';
import type { RunBoard } from './run-board.ts';
import type { RunSource, Watching } from './run-source.ts';
import { whatIf } from './what-if.ts';

/** Bytes that may wait in a connection before nothing more is put there unasked. */
const BUFFERED = 1 << 20;
/** Bytes at which a viewer that asks and never reads is let go. */
const MOST_BUFFERED = 32 << 20;
const MOST_WATCHES = 16;
const MOST_OPEN = 8;
const MOST_CREDITS = 1000;
/** Requests of a viewer that are being answered at one time. */
const MOST_ANSWERS = 16;
/** Malformed messages after which a connection ends. */
const MOST_MALFORMED = 20;
const ALLOWANCE = { burst: 600, rate: 150 };
/** What a message costs of the allowance, by the work that it makes; others cost 1. */
const COSTS: Readonly<Partial<Record<Request['type'], number>>> = { frame: 2, probe: 3, stations: 4, 'what-if': 10 };

interface Viewed {
  readonly source: RunSource;
  readonly forget: () => void;
  informed: boolean;
  /** Whether the viewer was too slow for the last news of it. */
  stale: boolean;
}

/** What one viewer is sent of one field: a frame for each credit, and never more than the newest waits. */
interface Viewing {
  credits: number;
  pending: Frame | undefined;
  readonly tiles: readonly number[] | undefined;
  readonly level: number;
  watching: Watching | undefined;
}

/** The line to a viewer: a web socket, or a port in the same page. */
export interface ViewerSocket {
  /** Called once; a message that is not binary comes as undefined. */
  listen(onMessage: (bytes: Uint8Array | undefined) => void, onClose: () => void): void;
  isOpen(): boolean;
  /** Bytes sent that have not left yet. */
  waiting(): number;
  send(bytes: Uint8Array, onSent: () => void): void;
  close(code: number, reason: string): void;
  /** Ends it without a word. */
  terminate(): void;
}

export interface SessionSettings {
  readonly board: RunBoard;
  /** Whether what a viewer gives is the token that lets it change runs. */
  readonly isToken: (given: unknown) => boolean;
  readonly engine: string;
  /** What nodes do, where the gateway knows of a cluster. */
  readonly cluster?: ClusterSource | undefined;
  /** Whether its page may host shards. */
  readonly mayHost?: boolean;
  /** Told of what should not have happened. */
  readonly report?: ((error: unknown) => void) | undefined;
}

/** One connection: what a viewer has opened and watches. It lives as long as its socket. */
export class ViewerSession {
  private readonly socket: ViewerSocket;
  private readonly settings: SessionSettings;
  private readonly allowance = new MessageAllowance(performance.now(), ALLOWANCE);
  private readonly opened = new Map<string, Viewed>();
  private readonly viewings = new Map<number, Viewing>();
  private readonly forgetBoard: () => void;
  private malformed = 0;
  private answering = 0;
  private sending = false;
  private sendAgain = false;
  /** Whether the viewer was too slow for the last list of runs. */
  private listIsStale = false;
  /** What nodes do as the viewer was told it last; undefined before it asks. */
  private toldOperations: ClusterView | 'nothing' | undefined;
  private forgetCluster: () => void = () => {};
  /** The last of the frames asked for: they go one after the other. */
  private lastFrame: Promise<unknown> = Promise.resolve();

  constructor(socket: ViewerSocket, settings: SessionSettings) {
    this.socket = socket;
    this.settings = settings;
    const { board, engine } = settings;
    socket.listen(
      (bytes) => this.receive(bytes),
      () => this.end(),
    );
    this.forgetBoard = board.onChange(() => this.tellList());
    const shown = board.shown();
    this.say({
      type: 'welcome',
      version: 1,
      engine,
      runs: board.summaries(),
      ...(shown === undefined ? {} : { shown }),
      ...(settings.cluster ? { hasCluster: true } : {}),
      ...(settings.mayHost ? { mayHost: true } : {}),
      scenarios: board.scenarios,
    });
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  private end(): void {
    this.forgetBoard();
    this.forgetCluster();
    for (const { forget } of this.opened.values()) forget();
    for (const { watching } of this.viewings.values()) watching?.stop();
    this.opened.clear();
    this.viewings.clear();
  }

  private say(reply: Reply): void {
    const { socket } = this;
    if (!socket.isOpen()) return;
    if (socket.waiting() > MOST_BUFFERED) {
      socket.terminate();
      return;
    }
    socket.send(packMessage(reply), () => this.drained());
  }

  /** Whether news would only be read late; they wait until the rest is read. */
  private isSlow(): boolean {
    return this.socket.waiting() > BUFFERED;
  }

  private drained(): void {
    if (!this.isSlow()) {
      if (this.listIsStale) this.tellList();
      this.tellOperations();
      for (const viewed of this.opened.values()) if (viewed.stale) this.retell(viewed);
    }
    this.pump();
  }

  private tellList(): void {
    this.listIsStale = this.isSlow();
    if (!this.listIsStale) this.say({ type: 'runs', runs: this.settings.board.summaries() });
  }

  private watchOperations(isWanted: boolean): void {
    const { cluster } = this.settings;
    if (!cluster)
      throw new Refusal(
        'not-possible',
        'this gateway knows of no cluster. Use terrella watch, or a gateway beside one.',
      );
    this.forgetCluster();
    this.toldOperations = isWanted ? 'nothing' : undefined;
    this.forgetCluster = isWanted ? cluster.onChange(() => this.tellOperations()) : () => {};
    this.tellOperations();
  }

  /** What is new of the cluster since it was told last; a viewer that reads late is told of several changes as one. */
  private tellOperations(): void {
    const { cluster } = this.settings;
    if (!cluster || this.toldOperations === undefined || this.isSlow()) return;
    const [told, view] = [this.toldOperations, cluster.view()];
    const change = changeOf(told === 'nothing' ? undefined : told, view);
    this.toldOperations = view;
    if (change) this.say({ type: 'operations', change });
  }

  private refuse(id: number | undefined, { code, message }: Pick<Refusal, 'code' | 'message'>): void {
    this.say({ type: 'refused', ...(id === undefined ? {} : { id }), code, message });
  }

  private receive(bytes: Uint8Array | undefined): void {
    // A message is paid for before anything is done for it; the rest of its price once it is known.
    if (!this.pays(1)) return;
    const read = bytes ? readRequest(unpacked(bytes)) : TEXT;
    if (read.ok && !this.pays((COSTS[read.request.type] ?? 1) - 1)) return;
    if (read.ok) {
      void this.answer(read.request);
      return;
    }
    this.refuse(read.id, { code: 'bad-message', message: read.message });
    if (++this.malformed >= MOST_MALFORMED) this.close(CLOSE.protocol, 'too many malformed messages');
  }

  private pays(cost: number): boolean {
    const paid = this.allowance.take(performance.now(), cost);
    if (!paid) this.close(CLOSE.tooManyMessages, `more than ${ALLOWANCE.rate} messages a second`);
    return paid;
  }

  private async answer(request: Request): Promise<void> {
    const id = 'id' in request ? request.id : undefined;
    if (this.answering >= MOST_ANSWERS) {
      this.refuse(id, {
        code: 'too-many',
        message: 'too many requests wait for their answers. Wait for some of them.',
      });
      return;
    }
    this.answering++;
    try {
      await this.carryOut(request);
    } catch (error) {
      if (error instanceof Refusal) this.refuse(id, error);
      else {
        // Its text may name paths of this machine, which are no viewer's business.
        this.settings.report?.(error);
        this.refuse(id, { code: 'not-possible', message: `${request.type} failed here. Its host can see why.` });
      }
    } finally {
      this.answering--;
    }
  }

  private async carryOut(request: Request): Promise<void> {
    const { board } = this.settings;
    switch (request.type) {
      case 'open':
        return this.open(board.source(request.run));
      case 'watch':
        return this.watch(request);
      case 'credit': {
        const viewing = this.viewings.get(request.id);
        if (!viewing) return;
        viewing.credits = Math.min(MOST_CREDITS, viewing.credits + request.frames);
        viewing.watching?.wake();
        this.pump();
        return;
      }
      case 'unwatch':
        this.viewings.get(request.id)?.watching?.stop();
        this.viewings.delete(request.id);
        return;
      case 'frame': {
        const sent = this.lastFrame.then(() => this.sendFrame(request));
        this.lastFrame = sent.catch(() => {});
        return sent;
      }
      case 'probe': {
        const { id } = request;
        await this.quiet();
        this.say({ type: 'probe', id, ...(await board.source(request.run).probe(request)) });
        return;
      }
      case 'stations': {
        const { run } = request;
        await this.quiet();
        this.say({ type: 'stations', run, stations: await board.source(run).stations() });
        return;
      }
      case 'operations':
        return this.watchOperations(request.isWanted);
      case 'control': {
        this.requireToken(request.token);
        this.controlOf(request.run)[request.action]();
        this.say({ type: 'done', id: request.id });
        return;
      }
      case 'speed': {
        this.requireToken(request.token);
        this.controlOf(request.run).limitSpeed(request.limit);
        this.say({ type: 'done', id: request.id });
        return;
      }
      case 'start': {
        this.requireToken(request.token);
        const { id, scenario, variantOf } = request;
        this.say({ type: 'started', id, run: await board.start(scenario, variantOf) });
        return;
      }
      case 'what-if': {
        const { id } = request;
        this.say({ type: 'what-if', id, ...(await whatIf(board.source(request.run), request, board.faults)) });
        return;
      }
    }
  }

  private requireToken(given: unknown): void {
    if (!this.settings.isToken(given))
      throw new Refusal(
        'no-token',
        'this needs the token of the address that terrella start printed. Open that address.',
      );
  }

  private controlOf(run: string) {
    const { control } = this.settings.board.source(run);
    if (!control)
      throw new Refusal('not-possible', `${run} is played back, and cannot be controlled. Choose a live run.`);
    return control;
  }

  private async open(source: RunSource): Promise<void> {
    if (!this.opened.has(source.id)) {
      const oldest = this.opened.size >= MOST_OPEN ? this.opened.keys().next().value : undefined;
      if (oldest !== undefined) {
        this.opened.get(oldest)!.forget();
        this.opened.delete(oldest);
      }
      const viewed: Viewed = {
        source,
        informed: false,
        stale: false,
        forget: source.onChange(() => this.retell(viewed)),
      };
      this.opened.set(source.id, viewed);
    }
    const viewed = this.opened.get(source.id)!;
    // The one on show is the last to give way to others.
    this.opened.delete(source.id);
    this.opened.set(source.id, viewed);
    viewed.informed = false;
    await this.news(viewed);
  }

  private retell(viewed: Viewed): void {
    this.news(viewed).catch((error) => this.settings.report?.(error));
  }

  /** What the run is, once; after that how far it is. */
  private async news(viewed: Viewed): Promise<void> {
    const { source } = viewed;
    viewed.stale = false;
    const run = viewed.informed ? undefined : await source.info();
    const progress = source.progress();
    if (run && !viewed.informed) {
      viewed.informed = true;
      this.say({ type: 'run', run, progress });
    } else if (this.isSlow()) viewed.stale = true;
    else this.say({ type: 'progress', progress });
  }

  private async sendFrame(request: Extract<Request, { type: 'frame' }>): Promise<void> {
    await this.quiet();
    const source = this.settings.board.source(request.run);
    const { id, tiles, level } = request;
    const frame = await source.frame(request);
    requireTiles(source, level, tiles);
    this.sendBytes(await packTiles(frame, id, tilesOf(frame, request)));
  }

  private watch({ id, run, field, level, credits, tiles }: Extract<Request, { type: 'watch' }>): void {
    const source = this.settings.board.source(run);
    this.viewings.get(id)?.watching?.stop();
    this.viewings.delete(id);
    if (this.viewings.size >= MOST_WATCHES)
      throw new Refusal('too-many', `a viewer may watch ${MOST_WATCHES} fields at once. Unwatch one first.`);
    const viewing: Viewing = { credits, pending: undefined, tiles, level, watching: undefined };
    this.viewings.set(id, viewing);
    const ready = () => viewing.credits > 0 && viewing.pending === undefined && !this.isSlow();
    const take = (frame: Frame) => {
      viewing.pending = frame;
      this.pump();
    };
    try {
      requireTiles(source, level, tiles);
      viewing.watching = source.watch({ field, level, ready, take });
    } catch (error) {
      this.viewings.delete(id);
      throw error;
    }
  }

  /** Sends what waits, a frame at a time, as far as credits and the line allow. */
  private pump(): void {
    this.sendAgain = this.sending;
    if (this.sending) return;
    this.sending = true;
    this.sendPending()
      .catch((error) => this.settings.report?.(error))
      .finally(() => {
        this.sending = false;
        if (this.sendAgain) this.pump();
      });
  }

  private async sendPending(): Promise<void> {
    const next = () => [...this.viewings].find(([, { pending, credits }]) => pending && credits > 0);
    for (let found = next(); found; found = next()) {
      const { socket } = this;
      if (!socket.isOpen() || this.isSlow()) return;
      const [id, viewing] = found;
      const frame = viewing.pending!;
      try {
        const bytes = await packTiles(frame, id, tilesOf(frame, viewing));
        viewing.credits--;
        if (this.viewings.get(id) === viewing) this.sendBytes(bytes);
      } catch (error) {
        this.settings.report?.(error);
      }
      viewing.pending = undefined;
      viewing.watching?.wake();
    }
    // The line may have become free for those that had nothing to send.
    for (const { watching, credits } of this.viewings.values()) if (credits > 0) watching?.wake();
  }

  private sendBytes(bytes: Uint8Array): void {
    if (this.socket.isOpen()) this.socket.send(bytes, () => this.drained());
  }

  /** Waits until the viewer has read most of what it was sent. */
  private async quiet(): Promise<void> {
    while (this.socket.isOpen() && this.isSlow()) await new Promise((done) => setTimeout(done, 20));
  }
}

/** Throws Refusal for a tile that the level has not. */
function requireTiles(source: RunSource, level: number, tiles: readonly number[] | undefined): void {
  const last = tiles?.at(-1);
  if (last === undefined) return;
  const count = source.tileCount(level);
  if (last >= count)
    throw new Refusal('bad-message', `there is no tile ${last} at level ${level}. Its tiles are 0 to ${count - 1}.`);
}

/** Tiles wanted of a frame; all where it comes at another level, as those of the timeline do. */
const tilesOf = ({ facts }: Frame, { level, tiles }: { readonly level: number; readonly tiles?: Viewing['tiles'] }) =>
  facts.level === level ? tiles : undefined;

const TEXT = { ok: false, id: undefined, message: 'messages are binary: a zero byte, then msgpack.' } as const;

function unpacked(bytes: Uint8Array): unknown {
  if (bytes[0] !== MESSAGE) return undefined;
  try {
    return unpackMessage(bytes);
  } catch {
    return undefined;
  }
}
