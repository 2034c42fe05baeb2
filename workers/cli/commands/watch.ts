import { type PageHostingOptions, pageHosting } from '../page-hosting.ts';
import { openServing, type ServingOptions } from '../serving.ts';
import { untilSignal } from '../until-signal.ts';
import { watchCluster } from '../watching.ts';

export type WatchOptions = PageHostingOptions & Omit<ServingOptions, 'serve'>;

/** Shows what the nodes of a cluster do, until it is asked to end. */
export async function watchCommand(options: WatchOptions): Promise<void> {
  const hosting = await pageHosting(options);
  const { watch, close } = await watchCluster(options);
  try {
    const { gateway } = await openServing(options, [], undefined, watch, hosting);
    await untilSignal();
    await gateway.close();
  } finally {
    await close();
  }
}
