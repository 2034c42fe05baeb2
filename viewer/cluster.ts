import { computed, signal } from '@preact/signals';
import type { ClusterView, Happening, WatchedNode, WatchedRun } from '../workers/protocol/operations.ts';
import { panel, run, runs } from './state.ts';

/** What the viewer shows of a cluster, in signals; see `state.ts` for the rest. */

/** Whether the gateway knows of a cluster. */
export const hasCluster = signal(false);
export const cluster = signal<ClusterView | undefined>(undefined);
/** Run of the cluster that a visitor wants to see; the one that goes on unless told. */
export const wantedRun = signal<string | undefined>(undefined);
export const chosenNode = signal<string | undefined>(undefined);

export type Move = Happening & { readonly kind: 'moved' };
/** Tiles that have just moved. */
export const freshMoves = signal<readonly Move[]>([]);

/** Whether there is nothing to show but a cluster. */
export const isWatchOnly = computed(() => hasCluster.value && run.value === undefined && runs.value.length === 0);
/** Whether globe and legend show who computes what, rather than a field. */
export const showsCluster = computed(
  () =>
    cluster.value !== undefined &&
    (isWatchOnly.value || panel.value === 'cluster') &&
    (run.value === undefined || run.value.grid.kind !== 'plane'),
);
export const clusterRun = computed<WatchedRun | undefined>(() => {
  const found = cluster.value?.runs ?? [];
  return found.find(({ id }) => id === wantedRun.value) ?? found.find(({ owners }) => owners.length > 0) ?? found[0];
});
/** By name. */
export const watchedNodes = computed<ReadonlyMap<string, WatchedNode>>(
  () => new Map((cluster.value?.nodes ?? []).map((node) => [node.name, node])),
);
/** Tiles of each node in the run on show. */
export const tilesOfNodes = computed<ReadonlyMap<string, number>>(() => {
  const counts = new Map<string, number>();
  const shown = clusterRun.value;
  for (const owner of shown?.state === 'running' ? shown.owners : []) {
    const name = shown!.members[owner]!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
});
