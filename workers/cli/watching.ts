import { ClusterWatch } from '../gateway/cluster-watch.ts';
import { wallClock } from '../node/clock.ts';
import { type LinkOptions, linkToLeader } from './cluster-link.ts';

/** A watch of the cluster that the options name. Throws what `linkToLeader` does. */
export async function watchCluster(
  options: LinkOptions,
): Promise<{ readonly watch: ClusterWatch; close(): Promise<void> }> {
  const leader = await linkToLeader(options, ['admin', 'scientist']);
  const watch = new ClusterWatch({ ask: (request) => leader.ask(request), clock: wallClock });
  return {
    watch,
    close: async () => {
      watch.stop();
      await leader.close();
    },
  };
}
