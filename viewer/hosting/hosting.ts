import { computed, signal } from '@preact/signals';
import { proxy, type Remote, releaseProxy, wrap } from 'comlink';
import type { HostingNews, ShardHosting } from '../../workers/page/shard-hosting.ts';
import { actions } from '../actions.ts';
import { tilesOfNodes } from '../cluster.ts';
import { threads } from '../compute/computation.ts';

/** What this page is for the cluster. */
export type Hosting =
  | { readonly phase: 'no' }
  | { readonly phase: 'joining' }
  | {
      readonly phase: 'hosting' | 'leaving';
      readonly node: string;
      /** Where its work was accepted for the first time. */
      readonly earned?: { readonly run: string; readonly step: number };
      readonly warning?: string;
    }
  | { readonly phase: 'ended'; readonly why: string };

/** Whether the gateway lets pages host shards. */
export const mayHost = signal(false);
export const hosting = signal<Hosting>({ phase: 'no' });
/** Tiles that this page computes of the run on show. */
export const hostedTiles = computed(() => {
  const { value } = hosting;
  return 'node' in value ? (tilesOfNodes.value.get(value.node) ?? 0) : 0;
});

/** How long others may take to take over the tiles of a page that leaves [ms]. */
const PATIENCE = 30_000;

interface Host {
  readonly worker: Worker;
  readonly remote: Remote<ShardHosting>;
}
let host: Host | undefined;

function end(why?: string): void {
  host?.remote[releaseProxy]();
  // Its threads are its own workers, and end with it.
  host?.worker.terminate();
  host = undefined;
  hosting.value = why === undefined ? { phase: 'no' } : { phase: 'ended', why };
}

function hear(news: HostingNews): void {
  const { value } = hosting;
  switch (news.type) {
    case 'joined':
      hosting.value = { phase: 'hosting', node: news.node };
      return;
    case 'earning':
      if ('node' in value) hosting.value = { ...value, earned: { run: news.run, step: news.step } };
      return;
    case 'warning':
      if ('node' in value) hosting.value = { ...value, warning: news.message };
      return;
    case 'ended':
      end(value.phase === 'leaving' ? undefined : news.why);
  }
}

function join(): void {
  if (host) return;
  const worker = new Worker(new URL('./host.worker.ts', import.meta.url), { type: 'module' });
  const mine: Host = { worker, remote: wrap<ShardHosting>(worker) };
  host = mine;
  hosting.value = { phase: 'joining' };
  const fail = (message: string): void => {
    if (host === mine) end(message.replace(/^\w+: /, ''));
  };
  worker.onerror = ({ message }) =>
    fail(message || 'The program that computes could not be fetched. Load the page again.');
  const listener = proxy((news: HostingNews) => {
    if (host === mine) hear(news);
  });
  mine.remote
    .join(document.baseURI, threads.value, listener)
    .catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
}

function leave(): void {
  const { value } = hosting;
  if (value.phase === 'joining') end();
  if (value.phase !== 'hosting' || !host) return;
  const mine = host;
  hosting.value = { ...value, phase: 'leaving' };
  mine.remote
    .leave(PATIENCE)
    .catch(() => {})
    .finally(() => {
      if (host === mine) end();
    });
}

/** Fills in what a visitor can lend a cluster. */
export function installHosting(): void {
  actions.hostShards = join;
  actions.leaveCluster = leave;
}
