import type { LinkOptions } from '../cluster-link.ts';
import { openServing, type ServingOptions } from '../serving.ts';
import { untilSignal } from '../until-signal.ts';
import { watchCluster } from '../watching.ts';

export type WatchOptions = LinkOptions & Omit<ServingOptions, 'serve'>;

/** Shows what the nodes of a cluster do, until it is asked to end. */
export async function watchCommand(options: WatchOptions): Promise<void> {
  const { watch, close } = await watchCluster(options);
  try {
    const { gateway } = await openServing(options, [], undefined, watch);
    await untilSignal();
    await gateway.close();
  } finally {
    await close();
  }
}
