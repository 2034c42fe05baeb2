import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { LiveRun } from '../gateway/live-run.ts';
import { Refusal } from '../gateway/refusal.ts';
import type { RunBoard } from '../gateway/run-board.ts';
import { EXIT } from './errors.ts';
import type { LoadedScenario } from './load.ts';

/** Runs that wait for their turn. */
const MOST_WAITING = 8;
/** Bytes of frames of runs that are over; the oldest runs lose theirs first. */
const MOST_KEPT = 512 * 2 ** 20;

export interface Job {
  readonly loaded: LoadedScenario;
  readonly directory: string;
  readonly live: LiveRun;
}

/** Runs of a gateway, one after the other: each has the machine to itself. */
export class RunLine {
  private readonly board: RunBoard;
  private readonly work: (job: Job) => Promise<number>;
  private waiting = 0;
  private before: LiveRun | undefined;
  private current: LiveRun | undefined;
  private readonly released: LiveRun[] = [];
  private stopped = false;
  private last: Promise<unknown> = Promise.resolve();

  constructor(board: RunBoard, work: (job: Job) => Promise<number>) {
    this.board = board;
    this.work = work;
  }

  get busy(): boolean {
    return this.waiting > 0;
  }

  /** Whether no more runs begin. */
  get isStopped(): boolean {
    return this.stopped;
  }

  /** Stops the run that goes on, after a checkpoint, and begins none of those that wait. */
  stop(): void {
    this.stopped = true;
    this.current?.control.stop();
  }

  /** What cannot be let go costs the next run memory, not its turn. */
  private async letGo(live: LiveRun | undefined): Promise<void> {
    if (!live) return;
    try {
      await live.release();
    } catch {}
    this.released.push(live);
    let kept = this.released.reduce((sum, one) => sum + one.keptBytes(), 0);
    for (let oldest = this.released[0]; kept > MOST_KEPT && oldest; oldest = this.released[0]) {
      kept -= oldest.keptBytes();
      oldest.forget();
      this.released.shift();
    }
  }

  /** Puts a run at the end of the line. Its status comes when it is over. Throws Refusal where the line is too long. */
  add(
    loaded: LoadedScenario,
    { directory, variantOf }: { readonly directory?: string; readonly variantOf?: string } = {},
  ): { readonly live: LiveRun; readonly status: Promise<number> } {
    if (this.waiting >= MOST_WAITING)
      throw new Refusal('too-many', `${this.waiting} runs wait already. Stop one of them, or come back later.`);
    const { name, title } = loaded.scenario;
    const isFree = (id: string) =>
      !this.board.has(id) && (directory !== undefined || !existsSync(resolve('output', id)));
    let id = name;
    for (let count = 2; !isFree(id); count++) id = `${name}-${count}`;
    const live = new LiveRun(id, { name, title, ...(variantOf === undefined ? {} : { variantOf }) });
    this.board.add(live);
    this.waiting++;
    const job = { loaded, directory: directory ?? resolve('output', id), live };
    const status = this.last.then(async () => {
      try {
        if (this.stopped) {
          live.ended({ outcome: 'interrupted', step: 0, seconds: 0 });
          return EXIT.interrupted;
        }
        const { before } = this;
        this.before = live;
        this.current = live;
        await this.letGo(before);
        const status = await this.work(job);
        // Ctrl-C ends the run and all that goes with it, also where the run was at its end; a viewer's stop ends the run alone.
        if (live.interrupted() || (status === EXIT.interrupted && !live.stopAsked)) this.stopped = true;
        return status;
      } finally {
        this.current = undefined;
        this.waiting--;
      }
    });
    this.last = status.catch((error: unknown) => {
      live.ended({ outcome: 'failed' }, error instanceof Error ? error.message : String(error));
    });
    return { live, status };
  }
}
