import type { JSX } from 'preact';
import type { WatchedState } from '../../workers/protocol/operations.ts';
import { cluster, clusterRun } from '../cluster.ts';

/** What a cluster does, in a line or two, where the story of a run would be. */
export function ClusterStory(): JSX.Element {
  const view = cluster.value;
  if (!view) return <p class="soft">Waiting for the first news of its nodes.</p>;
  const run = clusterRun.value;
  const heard = view.nodes.filter(({ state }) => state !== 'silent');
  const count = (wanted: WatchedState) => heard.filter(({ state }) => state === wanted).length;
  const [busy, preparing] = [count('computing'), count('preparing')];
  return (
    <div class="story">
      <p>
        {heard.length} {heard.length === 1 ? 'node' : 'nodes'} there, {busy} computing
        {preparing > 0 && `, ${preparing} preparing`}
        {view.nodes.length > heard.length && `, ${view.nodes.length - heard.length} silent`}.{' '}
        {run
          ? `${run.title}: ${run.state === 'running' ? `step ${run.step} of ${run.steps}` : run.state}.`
          : 'No run has been submitted.'}
      </p>
    </div>
  );
}
