import { ClusterWatch } from '../../gateway/cluster-watch.ts';
import { wallClock } from '../../node/clock.ts';
import { type LinkOptions, linkToLeader } from '../cluster-link.ts';
import { openServing, type ServingOptions } from '../serving.ts';
import { untilSignal } from '../until-signal.ts';

export type WatchOptions = LinkOptions & Omit<ServingOptions, 'serve'>;

/** Shows what the nodes of a cluster do, until it is asked to end. */
export async function watchCommand(options: WatchOptions): Promise<void> {
  const leader = await linkToLeader(options, ['admin', 'scientist']);
  const watch = new ClusterWatch({ ask: (request) => leader.ask(request), clock: wallClock });
  try {
    const { gateway } = await openServing(options, [], undefined, watch);
    await untilSignal();
    await gateway.close();
  } finally {
    watch.stop();
    await leader.close();
  }
}
