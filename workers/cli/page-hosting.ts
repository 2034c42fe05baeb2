import type { PageHosting } from '../gateway/page-host.ts';
import { type LinkOptions, linkTo, nameOfProcess, speakerOf } from './cluster-link.ts';
import { CliError, EXIT } from './errors.ts';
import { JobRecipes } from './job-recipes.ts';

export interface PageHostingOptions extends LinkOptions {
  /** So many pages may host shards; none unless told. */
  readonly pages?: number;
  /** Credentials of nodes, one for each page, where the broker wants to know who speaks. */
  readonly pageCreds?: readonly string[];
}

/**
 * What lets pages of the gateway host shards: each has a connection to the broker of its own, as a node. Undefined where none
 * may. Throws CliError (WrongRole, CredentialsMissing).
 */
export async function pageHosting(options: PageHostingOptions): Promise<PageHosting | undefined> {
  const { pages = 0, pageCreds = [] } = options;
  const recipes = new JobRecipes();
  const made = { recipe: (job: string) => recipes.of(job), files: recipes.files };
  if (pageCreds.length > 0) {
    const users = await Promise.all(
      pageCreds.map(async (creds) => ({ creds, speaker: await speakerOf({ ...options, creds }, ['node']) })),
    );
    const taken = new Set<string>();
    return {
      ...made,
      most: Math.min(users.length, options.pages ?? users.length),
      open: async () => {
        const free = users.find(({ creds }) => !taken.has(creds));
        if (!free) throw new CliError('CredentialsMissing', 'all --page-creds are in use');
        const { creds, speaker } = free;
        taken.add(creds);
        const node = speaker.user!;
        try {
          const link = await linkTo({ ...options, creds }, node, speaker);
          const close = () => link.close().finally(() => taken.delete(creds));
          return { node, incarnation: Date.now(), transport: link.transport, close };
        } catch (error) {
          taken.delete(creds);
          throw error;
        }
      },
    };
  }
  if (pages === 0) return undefined;
  const { user } = await speakerOf(options, ['node', 'scientist', 'admin', 'coordinator', 'system']);
  if (user !== undefined)
    throw new CliError(
      'CredentialsMissing',
      `--pages ${pages}, and ${user}'s credentials let nobody speak as another node. Name those of a node for each page with --page-creds.`,
      EXIT.usage,
    );
  return {
    ...made,
    most: pages,
    open: async () => {
      const node = nameOfProcess('page');
      const { transport, close } = await linkTo(options, node, { role: 'node' });
      return { node, incarnation: Date.now(), transport, close };
    },
  };
}
