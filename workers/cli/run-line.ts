import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { LiveRun } from '../gateway/live-run.ts';
import { Refusal } from '../gateway/refusal.ts';
import type { RunBoard } from '../gateway/run-board.ts';
import type { LoadedScenario } from './load.ts';

/** Runs that wait for their turn. */
const MOST_WAITING = 8;

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
  private last: Promise<unknown> = Promise.resolve();

  constructor(board: RunBoard, work: (job: Job) => Promise<number>) {
    this.board = board;
    this.work = work;
  }

  get busy(): boolean {
    return this.waiting > 0;
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
        this.before?.release();
        this.before = live;
        return await this.work(job);
      } finally {
        this.waiting--;
      }
    });
    this.last = status.catch((error: unknown) => {
      live.ended({ outcome: 'failed' }, error instanceof Error ? error.message : String(error));
    });
    return { live, status };
  }
}
