import type { JSX } from 'preact';
import { cluster, clusterRun } from '../cluster.ts';

/** What a cluster does, in a line or two, where the story of a run would be. */
export function ClusterStory(): JSX.Element {
  const view = cluster.value;
  if (!view) return <p class="soft">Waiting for the first news of its nodes.</p>;
  const run = clusterRun.value;
  const heard = view.nodes.filter(({ state }) => state !== 'silent');
  const busy = heard.filter(({ state }) => state === 'computing').length;
  return (
    <div class="story">
      <p>
        {heard.length} {heard.length === 1 ? 'node' : 'nodes'} there, {busy} computing
        {view.nodes.length > heard.length && `, ${view.nodes.length - heard.length} silent`}.{' '}
        {run
          ? `${run.title}: ${run.state === 'running' ? `step ${run.step} of ${run.steps}` : run.state}.`
          : 'No run has been submitted.'}
      </p>
    </div>
  );
}
