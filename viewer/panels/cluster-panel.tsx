import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ClusterView, WatchedNode, WatchedRun } from '../../workers/protocol/operations.ts';
import { actions } from '../actions.ts';
import { chosenNode, cluster, clusterRun, tilesOfNodes, wantedRun, watchedNodes } from '../cluster.ts';
import { NodeMarkDrawn } from './cluster-legend.tsx';
import { IconButton } from './controls.tsx';
import { isAbout, STATE_MEANINGS, STATE_WORDS, timeOfDay } from './happening-words.ts';
import { HappeningList } from './happenings.tsx';
import { HostingSection } from './hosting-section.tsx';
import { groupDigits, placeInWords } from './place-words.ts';
import { durationInWords } from './time-words.ts';

/** Lines of the history at most. */
const MOST_LINES = 100;

const percent = (share: number | undefined): string => (share === undefined ? '–' : `${Math.round(100 * share)} %`);
/** Three digits that tell something, and no exponent. */
const figure = (value: number): string => (value === 0 ? '0' : String(Number(value.toPrecision(3))));

/** Who computes what, what happened, and all about one node. */
export default function ClusterPanel(): JSX.Element {
  const view = cluster.value;
  if (!view) return <p class="soft">Nothing is known of the cluster yet.</p>;
  const chosen = chosenNode.value === undefined ? undefined : watchedNodes.value.get(chosenNode.value);
  // Whoever comes back from a node finds the focus where it was.
  const last = useRef<string | undefined>(undefined);
  if (chosen) last.current = chosen.name;
  const happenings = chosen ? view.happenings.filter((what) => isAbout(what, chosen.name)) : view.happenings;
  return (
    <>
      <Leader view={view} />
      {chosen ? <OneNode node={chosen} /> : <Runs view={view} />}
      {!chosen && <Nodes view={view} last={last.current} />}
      {!chosen && <HostingSection />}
      <section class="stack" aria-labelledby="history-title">
        <h3 id="history-title">{chosen ? `What happened to ${chosen.name}` : 'What happened'}</h3>
        {happenings.length === 0 && <p class="soft">Nothing since this watch began.</p>}
        <HappeningList happenings={happenings.slice(-MOST_LINES).reverse()} />
      </section>
    </>
  );
}

function Leader({ view: { leader } }: { view: ClusterView }): JSX.Element | null {
  switch (leader.state) {
    case 'answers':
      return null;
    case 'asked':
      return (
        <p class="soft" role="status">
          Asking the leader …
        </p>
      );
    case 'silent':
      return (
        <p class="warning" role="status">
          <b>No leader answers since {timeOfDay(leader.since)}.</b> What you see is as it was then. Nodes go on with
          what they have; it is asked again every second.
        </p>
      );
  }
}

function Runs({ view: { runs } }: { view: ClusterView }): JSX.Element {
  const run = clusterRun.value;
  if (!run) return <p class="soft">No runs yet. Submit one with terrella submit.</p>;
  return (
    <section class="stack" aria-label="Run">
      {runs.length > 1 ? (
        <label class="picker stacked">
          <span class="unseen">Run to show</span>
          <select
            value={run.id}
            onChange={({ currentTarget }) => {
              wantedRun.value = currentTarget.value;
            }}
          >
            {runs.map(({ id, state }) => (
              <option key={id} value={id}>
                {id}, {state}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <h3>{run.id}</h3>
      )}
      <RunFacts run={run} />
    </section>
  );
}

function RunFacts({ run }: { run: WatchedRun }): JSX.Element {
  const { grid } = run;
  const cells = grid.panels * grid.cellsX * grid.cellsY;
  return (
    <>
      <p class="soft">
        {run.title}, {run.state}. {groupDigits(cells)} cells in {groupDigits(run.owners.length)} tiles, epoch{' '}
        {run.epoch}, of {run.owner}.
      </p>
      <p class="run-progress">
        <progress aria-label={`Steps of ${run.id}`} max={run.steps} value={run.step} />
        <span>
          step {groupDigits(run.step)} of {groupDigits(run.steps)}
        </span>
      </p>
      {run.message !== undefined && <p class="warning">{run.message}</p>}
    </>
  );
}

function Nodes({ view: { nodes }, last }: { view: ClusterView; last: string | undefined }): JSX.Element {
  const owned = tilesOfNodes.value;
  const table = useRef<HTMLTableElement>(null);
  useEffect(() => {
    const found = [...(table.current?.querySelectorAll('button') ?? [])].find(
      ({ textContent }) => textContent === last,
    );
    if (document.activeElement === document.body) found?.focus({ preventScroll: true });
  }, [last]);
  return (
    <section class="stack" aria-labelledby="nodes-title">
      <h3 id="nodes-title">
        {nodes.length} {nodes.length === 1 ? 'node' : 'nodes'}
      </h3>
      {nodes.length > 0 && (
        <table class="node-table" ref={table}>
          <caption class="unseen">
            Nodes: state, tiles, share of the offered time that became accepted work, share of time waiting for halos
          </caption>
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">State</th>
              <th scope="col">Tiles</th>
              <th scope="col" title="Thread-seconds of accepted work, of those offered">
                Used
              </th>
              <th scope="col" title="Share of the time that went by before halos came">
                Waits
              </th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((node) => (
              <tr key={node.name} data-state={node.state}>
                <th scope="row">
                  <button
                    type="button"
                    class="link quiet node-button"
                    title={`All about ${node.name}`}
                    onClick={() => {
                      chosenNode.value = node.name;
                    }}
                  >
                    <NodeMarkDrawn node={node} />
                    <span class="node-name">{node.name}</span>
                  </button>
                </th>
                <td class="node-state">{STATE_WORDS[node.state]}</td>
                <td>{owned.get(node.name) ?? 0}</td>
                <td>{percent(node.utilisation)}</td>
                <td>{percent(node.waitShare)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Fact({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** What its operator wants to know. */
function OneNode({ node }: { node: WatchedNode }): JSX.Element {
  const { place, roundTrip } = node;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The button that was pressed is gone.
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, [node.name]);
  return (
    <section class="card one-node" aria-labelledby="node-title">
      <div class="card-head">
        <h3 id="node-title" tabIndex={-1} ref={heading}>
          <NodeMarkDrawn node={node} /> {node.name}
        </h3>
        <IconButton
          icon="close"
          name="Back to all nodes"
          kind="small"
          onPress={() => {
            chosenNode.value = undefined;
          }}
        />
      </div>
      <p class="node-state-line" data-state={node.state}>
        <b>{STATE_WORDS[node.state]}</b> <span class="soft">{STATE_MEANINGS[node.state]}</span>
      </p>
      {node.nothing !== undefined && (
        <p class="warning">
          <b>Its last segment earned nothing.</b> {node.nothing}
        </p>
      )}
      <dl class="facts">
        <Fact title="Tiles, all runs">{node.tiles}</Fact>
        <Fact title="Earns">{node.earns ? 'now' : 'not now'}</Fact>
        <Fact title="Credits">{figure(node.credits)}</Fact>
        <Fact title="Used of what it offered">{percent(node.utilisation)}</Fact>
        <Fact title="Waiting for halos *">{percent(node.waitShare)}</Fact>
        <Fact title="Round trip to the leader *">
          {roundTrip ? `${roundTrip.p50} ms, 95 % within ${roundTrip.p95} ms` : '–'}
        </Fact>
        <Fact title="There for">{durationInWords(node.offeredSeconds / node.threads)}</Fact>
        {node.device === undefined ? (
          <Fact title="Threads *">{node.threads}</Fact>
        ) : (
          <Fact title="Graphics device *">{node.device}</Fact>
        )}
        <Fact title="Speed *">{figure(node.speed / 1e6)} million cells a second</Fact>
        <Fact title="Stands at *">
          {place ? (
            <button type="button" class="link" onClick={() => actions.flyTo(place)}>
              {placeInWords(place)}
            </button>
          ) : (
            'not said'
          )}
        </Fact>
        {node.heard !== undefined && <Fact title="Last heard">{timeOfDay(node.heard)}</Fact>}
      </dl>
      <p class="soft small">* by the node’s own word</p>
    </section>
  );
}
