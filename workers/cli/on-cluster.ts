import { FollowedRun } from '../follower/follow-run.ts';
import { wallClock } from '../node/clock.ts';
import { isName } from '../protocol/cluster-subjects.ts';
import { checkWork } from '../run/job-work.ts';
import type { PreparedRun } from '../run/prepare.ts';
import { RUN_PARTS, type RunFollowing } from '../run/run-scenario.ts';
import { openFileStore } from '../store/file-store.ts';
import { encodeJson } from '../store/zarr-arrays.ts';
import { BETWEEN_LEADERS, type LeaderLink, type LinkOptions, linkToLeader, UNTIL_ONE_LEADS } from './cluster-link.ts';
import { loadForCluster, newRecord, SUBMITTERS, type SubmissionOptions } from './cluster-submission.ts';
import { CliError, EXIT } from './errors.ts';
import { type LoadedScenario, loadNamed } from './load.ts';
import { say } from './terminal.ts';

type Submission = Awaited<ReturnType<typeof loadForCluster>>;

/** Where a run is computed, if not here. */
export interface OnCluster {
  /** How one goes on with it after an interruption. */
  readonly hint: string;
  /** Submits the run, or finds the one that was submitted; from then on it is followed. Throws what `linkToLeader` does, NoClusterRun. */
  begin(prepared: PreparedRun, directory: string): Promise<RunFollowing>;
  close(): Promise<void>;
}

/** A run that is to be submitted, or one that was, by its name. */
export function onCluster(what: Submission | string, options: SubmissionOptions): OnCluster {
  let leader: LeaderLink | undefined;
  return {
    hint: ` --nats ${options.nats}`,
    async begin(prepared, directory) {
      leader = await linkToLeader(options, SUBMITTERS);
      const { ask } = leader;
      const files = await openFileStore(directory);
      const keepName = (run: string) => files.set(RUN_PARTS.cluster, encodeJson({ run }));
      let run: string;
      if (typeof what === 'string') {
        run = what;
        await keepName(run);
      } else {
        const record = await newRecord(what, prepared, true, options);
        run = record.run;
        // Known before it is there: what has been submitted can always be found again.
        await keepName(run);
        await ask({ type: 'submit', record }, UNTIL_ONE_LEADS);
        say(true, `the cluster computes it as ${run}`);
      }
      return new FollowedRun({
        run,
        points: prepared.options.samples.length,
        clock: wallClock,
        ask: (request) => ask(request, BETWEEN_LEADERS),
        check: (record) => checkWork(record, prepared),
      });
    },
    close: async () => leader?.close(),
  };
}

/** The run that was submitted from a directory. Throws NoClusterRun. */
export async function clusterRunOf(directory: string): Promise<string> {
  const bytes = await (await openFileStore(directory)).get(RUN_PARTS.cluster);
  let run: unknown;
  try {
    run = bytes && (JSON.parse(new TextDecoder().decode(bytes)) as { run?: unknown }).run;
  } catch {
    run = undefined;
  }
  if (isName(run)) return run;
  throw new CliError(
    'NoClusterRun',
    `${directory} is no run of a cluster: it has no ${RUN_PARTS.cluster}. Resume it here, without --nats.`,
    EXIT.usage,
  );
}

/** A scenario that is to be run here, or on the cluster that the options name. Throws what `loadNamed` does, Usage. */
export async function loadToRun(
  name: string,
  options: Pick<SubmissionOptions, 'set' | 'small' | 'class'> & Partial<LinkOptions>,
): Promise<{ readonly loaded: LoadedScenario; readonly cluster: OnCluster | undefined }> {
  if (!namesCluster(options)) {
    if (options.class !== undefined)
      throw new CliError(
        'Usage',
        `--class ${options.class} says which nodes of a cluster may take part. Name its server with --nats; here --backend decides.`,
        EXIT.usage,
      );
    return { loaded: await loadNamed(name, options), cluster: undefined };
  }
  const submission = await loadForCluster(name, options);
  return { loaded: submission.loaded, cluster: onCluster(submission, options) };
}

/** Whether the options name a cluster. */
export const namesCluster = <O extends Partial<LinkOptions>>(options: O): options is O & LinkOptions =>
  options.nats !== undefined;
