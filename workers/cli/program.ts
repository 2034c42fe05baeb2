import { Argument, Command } from 'commander';
import { engineIdentity } from '../store/provenance.ts';
import {
  collect,
  collectTimes,
  collectWords,
  examples,
  limits,
  longitude,
  multipleOf,
  path,
  place,
  region,
  subjectName,
  subjectNames,
  wholeNumber,
  withBegunLayout,
  withClass,
  withCluster,
  withDeviceLayout,
  withForce,
  withGateway,
  withJson,
  withLayout,
  withLink,
  withNodeBackend,
  withPages,
  withSet,
  withThreads,
  withTileSetting,
} from './options.ts';
import { PICTURES } from './picture-names.ts';

const SCENARIO = ['scenario', 'name of a built-in one, or a .yaml file'] as const;
const AUTHORITY = ['<directory>', 'that `terrella cluster init` made'] as const;
const DIRECTORY = ['directory', 'of a run, such as output/tohoku-2011'] as const;
const OTHER_VERSION = 'accept another engine’s checkpoints: the result is then of two engines';

/** A command is loaded when it is called: `--help` and a typing error need none of them. */
const lazily =
  <A extends unknown[]>(load: () => Promise<(...values: A) => Promise<void>>) =>
  async (...values: A): Promise<void> =>
    (await load())(...values);

/** The whole command line. */
export function buildProgram(): Command {
  const program = new Command('terrella')
    .description('A digital twin of Earth: run a scenario, get the same bits as everybody else.')
    .version(engineIdentity().version)
    .exitOverride()
    // Else --nodes of `cluster init` would be taken for that of `cluster`.
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureOutput({
      outputError: (text, write) => write(`Usage: ${usageMessage(text)}\n`),
    });
  program.addHelpText(
    'after',
    '\nExit status: 0 done; 1 the run failed, or is not as expected, or two runs differ; 2 wrong usage or scenario; 130 interrupted.',
  );
  examples(program, [
    ['start', 'run the default scenario and draw its maps'],
    ['run maule-2010 --threads 2', 'one scenario'],
    ['run my.yaml --set grid.cells=270 --set grid.tile=90 --json', 'changed, for a script'],
    ['resume output/maule-2010', 'go on after Ctrl-C or a crash'],
    ['<command> --help', 'what a command takes'],
  ]);
  addRuns(program);
  addInspection(program);
  addResults(program);
  addCluster(program);
  return program;
}

function addRuns(program: Command): void {
  const start = withClass(
    withCluster(
      withDeviceLayout(
        withSet(program.command('start').argument('[scenario]', `${SCENARIO[1]} (default: tohoku-2011 at 20′)`)),
      ),
    ),
  );
  withForce(withJson(start), 'run in spite of what the sanity checks find, or of another host’s lock')
    .description('run a scenario and watch it in a browser; score its gauges, draw its maps')
    .option('--output <directory>', 'where the results go (default: output/<name>)', path)
    .option('--store <directory>', 'play back a run that is there; may be repeated', collect, [] as readonly string[]);
  withPages(withGateway(start))
    .option('--serve', 'go on showing the run after its end, also without a terminal')
    .option('--no-serve', 'end with the run')
    .option('--headless', 'show and draw nothing', false)
    .action(lazily(async () => (await import('./commands/start.ts')).startCommand));
  examples(start, [
    ['start', 'tohoku-2011 at 20′, into output/tohoku-2011'],
    ['start tohoku-2011', 'the same at its own 10′'],
    ['start sumatra-2004 --set grid.cells=270 --set grid.tile=90', 'another, at 20′'],
    ['start tohoku-2011 --backend auto', 'on a graphics device, where one is faster'],
    ['start --store output/tohoku-2011', 'a run that is there'],
    ['start --headless --json', 'no viewer, no pictures; ends with one "finished" line'],
  ]);

  const run = withClass(
    withCluster(withDeviceLayout(withSet(program.command('run').argument(`<${SCENARIO[0]}>`, SCENARIO[1])))),
  );
  withForce(withJson(run), 'run in spite of what the sanity checks find, or of another host’s lock')
    .description('run a scenario')
    .option('--output <directory>', 'where the results go (default: output/<name>)', path)
    .option('--replace', 'write over a run that is there', false)
    .action(lazily(async () => (await import('./commands/run.ts')).runCommand));
  examples(run, [
    ['run tohoku-2011 --small', 'a minute’s version'],
    ['run my.yaml --set time.duration="1 h" --set model.precision=float64', 'with keys changed'],
    ['run my.yaml --threads 4 --backend js --no-skip', 'another way to the same bits'],
    ['run tohoku-2011 --backend webgpu', 'on a graphics device, within a tolerance'],
    ['run tohoku-2011 --backend auto', 'on whatever is fastest here, measured first'],
    ['run tohoku-2011 --nats nats://broker:4222', 'on a cluster, with all its output here'],
    ['run tohoku-2011 --nats nats://broker:4222 --class tolerance', 'on its graphics devices too'],
  ]);

  const resume = withCluster(
    withBegunLayout(withTileSetting(program.command('resume').argument(`<${DIRECTORY[0]}>`, DIRECTORY[1]))),
  );
  withForce(withJson(resume), OTHER_VERSION)
    .description('go on with a run from its newest good checkpoint, to the same bits as without a stop')
    .action(lazily(async () => (await import('./commands/resume.ts')).resumeCommand));
  examples(resume, [
    ['resume output/tohoku-2011', ''],
    ['resume output/tohoku-2011 --nats nats://broker:4222', 'collect what a cluster has computed meanwhile'],
    ['resume output/tohoku-2011 --threads 8 --set grid.tile=45', 'on another machine, cut otherwise'],
  ]);

  const verify = withLayout(withTileSetting(program.command('verify').argument(`<${DIRECTORY[0]}>`, DIRECTORY[1])));
  withForce(withJson(verify), OTHER_VERSION)
    .description('recompute a run from one of its checkpoints, and hold it against those that follow')
    .option('--from <start|step>', 'where to begin (default: the oldest checkpoint kept)')
    .action(lazily(async () => (await import('./commands/verify.ts')).verifyCommand));
  examples(verify, [
    ['verify output/tohoku-2011', 'between the checkpoints kept'],
    ['verify output/tohoku-2011 --from start --threads 1', 'all of it, on one thread'],
    ['verify output/tohoku-2011 --set grid.tile=135 --backend js', 'cut and computed otherwise'],
  ]);
}

function addInspection(program: Command): void {
  const validate = withThreads(withSet(program.command('validate').argument('<scenario...>', SCENARIO[1])));
  withJson(validate)
    .description('list everything that is wrong with scenarios, or odd')
    .action(lazily(async () => (await import('./commands/validate.ts')).validateCommand));
  examples(validate, [
    ['validate my.yaml', ''],
    ['validate scenarios/*.yaml --json', 'one line for each problem and finding'],
  ]);

  const describe = withThreads(withSet(program.command('describe').argument(`<${SCENARIO[0]}>`, SCENARIO[1])));
  withJson(describe)
    .description('say what a scenario is and what its run will take')
    .action(lazily(async () => (await import('./commands/describe.ts')).describeCommand));
  examples(describe, [
    ['describe tohoku-2011', 'cells, step, memory, wall time, sources, stations'],
    ['describe tohoku-2011 --set grid.cells=1080 --threads 8', 'at 5′ on 8 threads'],
  ]);

  const doctor = withJson(program.command('doctor'))
    .description('say what this machine can do, and how to get what is missing')
    .action(lazily(async () => (await import('./commands/doctor.ts')).doctorCommand));
  examples(doctor, [['doctor', '']]);

  const bench = withJson(program.command('bench'))
    .description('measure the kernels: million cell-stages a second')
    .option('--quick', 'half a minute instead of three: coarser grids, fewer repetitions', false)
    .option('--cells <n>', 'cells across a panel, a multiple of 24 (default: 540, that is 10′)', multipleOf(24))
    .action(lazily(async () => (await import('./commands/bench.ts')).benchCommand));
  examples(bench, [
    ['bench', 'three minutes'],
    ['bench --quick --json', 'one line for each row'],
  ]);
}

function addResults(program: Command): void {
  const compare = program
    .command('compare')
    .argument('<a>', DIRECTORY[1])
    .argument('<b>', 'another one')
    .description('say whether two runs are equal to the bit and, where not, how they differ');
  withForce(withJson(compare), 'read checkpoints of another engine version').action(
    lazily(async () => (await import('./commands/compare.ts')).compareCommand),
  );
  examples(compare, [['compare output/a output/b', 'exit status 0: equal; 1: different']]);

  const plot = program
    .command('plot')
    .argument(`<${DIRECTORY[0]}>`, DIRECTORY[1])
    .description('draw maps and station plots of a run as PNG')
    .option('--what <pictures>', `${PICTURES.join(', ')} or all (default: all)`, collectWords([...PICTURES, 'all']))
    .option('--time <duration>', 'of the sea surface, after the start; may be repeated', collectTimes)
    .option('--output <directory>', 'where the pictures go (default: plots in the run’s directory)', path)
    .option(
      '--central-longitude <degrees>',
      'middle of the map (default: so that the source’s ocean is whole)',
      longitude,
    )
    .option('--region <west,east,south,north>', 'show only this part of the globe', region)
    .option('--limits <low,high>', 'of the colours, in the field’s units', limits);
  withJson(plot).action(lazily(async () => (await import('./commands/plot.ts')).plotCommand));
  examples(plot, [
    ['plot output/tohoku-2011', 'everything'],
    ['plot output/tohoku-2011 --what sea-surface --time "2 h" --time "5 h"', 'two moments'],
    ['plot output/tohoku-2011 --what maximum-amplitude --region 130,160,25,50 --limits 0.1,10', 'near the source'],
  ]);

  const exporting = program
    .command('export')
    .argument(`<${DIRECTORY[0]}>`, DIRECTORY[1])
    .description('write a run as NetCDF-4, its stations as CSV, or all of it as a web site; the first two unless told')
    .option('--netcdf [file]', 'NetCDF-4 under CF-1.11 (default: <scenario>.nc in the run’s directory)', path)
    .option('--csv [directory]', 'one CSV file a station (default: stations in the run’s directory)', path)
    .option('--site <directory>', 'the viewer with the run in it, as files that any host can serve', path)
    .option('--native', 'with the native panels, as group native of the NetCDF file', false)
    .option('--deflate <level>', 'compression of NetCDF, 0 to 9', wholeNumber(0, 9), 1)
    .option('--replace', 'write over files that are there', false);
  withJson(exporting).action(lazily(async () => (await import('./commands/export.ts')).exportCommand));
  examples(exporting, [
    ['export output/tohoku-2011', 'both'],
    ['export output/tohoku-2011 --netcdf tohoku.nc --native', 'with the panels of the cubed sphere'],
    ['export output/tohoku-2011 --csv gauges', 'stations only'],
    ['export output/tohoku-2011 --site public', 'a web site'],
  ]);
}

function addCluster(program: Command): void {
  const coordinator = withLink(program.command('coordinator'))
    .description('lead a cluster of nodes, or wait to take over')
    .option('--name <name>', 'of this coordinator (default: the host’s and a number)', subjectName)
    .option(
      '--store <directory>',
      'keep tiles’ states, and copies of records, in a directory that all coordinators reach, not in the broker',
      path,
    )
    .option('--metrics <port>', 'figures for Prometheus at /metrics', wholeNumber(0, 65535))
    .option(
      '--metrics-host <name>',
      'address to give them at; the world can look where it is no loopback',
      '127.0.0.1',
    );
  withJson(coordinator).action(lazily(async () => (await import('./commands/coordinator.ts')).coordinatorCommand));
  examples(coordinator, [
    ['coordinator --nats nats://broker:4222', 'the broker runs with: nats-server -js -sd DIR'],
    ['coordinator --metrics 9464', 'figures at http://127.0.0.1:9464/metrics'],
  ]);

  const node = withNodeBackend(withThreads(withLink(program.command('node'))))
    .description('host shards of whatever the cluster runs')
    .option('--name <name>', 'of this node (default: the host’s and a number)', subjectName)
    .option('--place <longitude,latitude>', 'where it stands, for the operations map (default: nowhere)', place);
  withJson(node).action(lazily(async () => (await import('./commands/node.ts')).nodeCommand));
  examples(node, [
    ['node --nats nats://broker:4222 --threads 8', 'Ctrl-C drains it first'],
    ['node --name berlin --place 13.4,52.5', 'shown in Berlin on the operations map'],
    ['node --backend webgpu', 'on a graphics device, for runs of class tolerance'],
  ]);

  const submit = withClass(withSet(withLink(program.command('submit').argument(`<${SCENARIO[0]}>`, SCENARIO[1]))))
    .description('hand a scenario to a cluster and wait for its state hash')
    .option('--name <name>', 'of the run (default: the scenario’s and a number)', subjectName)
    .option('--owner <name>', 'who submits it (default: whom the credentials are of, or me)', subjectName)
    .option('--cut-every <steps>', 'steps between states that are kept off the nodes', wholeNumber(1, 1e9))
    .option('--no-wait', 'end once it is taken');
  withJson(submit).action(lazily(async () => (await import('./commands/submit.ts')).submitCommand));
  examples(submit, [
    ['submit tohoku-2011 --small --nats nats://broker:4222', ''],
    ['submit tohoku-2011 --class tolerance', 'nodes on graphics devices may take part'],
  ]);

  const status = () => import('./commands/cluster-status.ts');
  const runs = withJson(withLink(program.command('runs').description('list a cluster’s runs')));
  runs.action(lazily(async () => (await status()).runsCommand));
  examples(runs, [['runs --nats nats://broker:4222', 'state, step, nodes and hash of each']]);

  const nodes = withJson(withLink(program.command('nodes').description('list a cluster’s nodes')));
  nodes.action(lazily(async () => (await status()).nodesCommand));
  examples(nodes, [['nodes --nats nats://broker:4222', 'speed, tiles, use and credits of each']]);

  const credits = program
    .command('credits')
    .argument('[node]', 'its name (default: all)')
    .description('recompute from the records who has earned what');
  withJson(withLink(credits)).action(lazily(async () => (await status()).creditsCommand));
  examples(credits, [
    ['credits --nats nats://broker:4222', 'of each node and run, and how each epoch ended'],
    ['credits node-2 --json', 'one node’s, to the last operation'],
  ]);

  const watch = withPages(withGateway(withLink(program.command('watch')))).description(
    'show in a browser what the nodes of a cluster do',
  );
  withJson(watch).action(lazily(async () => (await import('./commands/watch.ts')).watchCommand));
  examples(watch, [
    ['watch --nats nats://broker:4222', 'who computes which tiles, and what happens'],
    ['watch --pages 8', 'whoever looks may compute shares too, eight pages at most'],
    ['watch --nats tls://broker --ca ca.pem --creds admin.creds --port 8200', 'of a cluster with keys'],
  ]);

  const drain = program.command('drain').argument('<node>', 'its name').description('relieve a node of its tiles');
  withJson(withLink(drain)).action(lazily(async () => (await status()).drainCommand));
  examples(drain, [['drain node-2', 'others take its tiles at the next cut']]);

  const cancel = program.command('cancel').argument('<run>', 'its name').description('end a run of a cluster');
  withJson(withLink(cancel)).action(lazily(async () => (await status()).cancelCommand));
  examples(cancel, [['cancel tohoku-2011-3f2e7d', '']]);

  const cluster = withSet(
    program.command('cluster').argument('[scenario]', 'to run on it; without one it waits for runs'),
  )
    .description('a broker, a coordinator and some nodes on this machine, for trying out')
    .enablePositionalOptions()
    .option('--nodes <n>', 'how many', wholeNumber(1, 64), 2)
    .option('--threads <n>', 'of each node', wholeNumber(1, 64), 1);
  withJson(cluster).action(lazily(async () => (await import('./commands/cluster.ts')).clusterCommand));
  examples(cluster, [
    ['cluster tohoku-2011 --small --nodes 4', 'needs nats-server'],
    ['cluster init keys --nodes alice,bob', 'keys and configuration of a cluster on several machines'],
  ]);
  addAuthority(cluster);
}

function addAuthority(cluster: Command): void {
  const keys = () => import('./commands/cluster-keys.ts');
  const init = cluster
    .command('init')
    .argument('<directory>', 'to be made; whoever has it governs the cluster')
    .description('make keys, credentials, certificates and the broker’s configuration; no server is needed')
    .option('--nodes <names>', 'who may host shards, as alice,bob', subjectNames, [] as readonly string[])
    .option('--scientists <names>', 'who may submit runs', subjectNames, [] as readonly string[])
    .option('--host <name>', 'name or address of the broker; may be repeated', collect, [] as readonly string[])
    .option('--port <n>', 'of the broker', wholeNumber(1, 65535), 4222);
  withJson(init).action(lazily(async () => (await keys()).initCommand));
  examples(init, [['cluster init keys --host broker.example.org --nodes alice,bob --scientists carol', '']]);

  const add = cluster
    .command('add')
    .addArgument(new Argument('<role>', 'what they may do').choices(['node', 'scientist', 'admin', 'coordinator']))
    .argument('<name>', 'of the user', subjectName)
    .argument(...AUTHORITY)
    .description('make credentials for one more user, of whom the broker need not be told');
  withJson(add).action(lazily(async () => (await keys()).addCommand));
  examples(add, [
    ['cluster add node dave keys', 'writes keys/creds/dave.creds'],
    ['cluster add scientist erin keys', ''],
  ]);

  const revoke = cluster
    .command('revoke')
    .argument('<name>', 'of the user', subjectName)
    .argument(...AUTHORITY)
    .description('throw a user out of the broker at once, and for good')
    .option('--nats <url>', 'of the broker (default: as init was told)');
  withJson(revoke).action(lazily(async () => (await keys()).revokeCommand));
  examples(revoke, [['cluster revoke bob keys', '']]);

  const renew = cluster
    .command('renew')
    .argument(...AUTHORITY)
    .description('make another certificate for the broker, before the old one ends after 27 months')
    .option('--host <name>', 'one more name of the broker; may be repeated', collect, [] as readonly string[]);
  withJson(renew).action(lazily(async () => (await keys()).renewCommand));
  examples(renew, [['cluster renew keys', '']]);
}

/** Commander's message on one line, without its own prefix. */
export const usageMessage = (text: string): string =>
  text
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
