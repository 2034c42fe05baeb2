import type { JSX } from 'preact';
import type { WatchedNode } from '../../workers/protocol/operations.ts';
import { chosenNode, cluster, clusterRun, tilesOfNodes } from '../cluster.ts';
import { cssOfSlot, NODE_COLOURS } from '../node-colours.ts';
import { panel } from '../state.ts';

/** Which colour is whose. */
export function ClusterLegend(): JSX.Element | null {
  const view = cluster.value;
  if (!view) return null;
  const owned = tilesOfNodes.value;
  // Those that have tiles first; the rest is in the panel.
  const nodes = [...view.nodes].sort((a, b) => Number(owned.has(b.name)) - Number(owned.has(a.name)));
  const isCrowded = view.nodes.length > NODE_COLOURS.length;
  return (
    <section class="legend cluster-legend glass" aria-label="Legend: nodes and their colours">
      <h2 class="legend-title">{clusterRun.value ? 'Tiles by node' : 'Nodes'}</h2>
      {nodes.length === 0 && <p class="soft">No nodes yet.</p>}
      <ul class="node-chips">
        {nodes.map((node) => (
          <NodeChip key={node.name} node={node} tiles={owned.get(node.name) ?? 0} />
        ))}
      </ul>
      {isCrowded && <p class="soft small">Colours repeat: choose a node to see its tiles alone.</p>}
      {nodes.some(({ place }) => !place) && nodes.length > 0 && (
        <p class="soft small">A hollow mark stands amid a node’s tiles: nobody said where it is.</p>
      )}
    </section>
  );
}

function NodeChip({ node, tiles }: { node: WatchedNode; tiles: number }): JSX.Element {
  const isChosen = chosenNode.value === node.name;
  const isSilent = node.state === 'silent';
  return (
    <li>
      <button
        type="button"
        class="node-chip"
        aria-pressed={isChosen}
        data-state={node.state}
        title={isChosen ? 'Show all nodes' : `Show ${node.name} alone`}
        onClick={() => {
          chosenNode.value = isChosen ? undefined : node.name;
          if (!isChosen) panel.value = 'cluster';
        }}
      >
        <NodeMarkDrawn node={node} />
        <span class="node-name">{node.name}</span>
        <small class="soft">{isSilent ? 'silent' : tiles > 0 ? tiles : node.state}</small>
      </button>
    </li>
  );
}

export function NodeMarkDrawn({ node }: { node: WatchedNode }): JSX.Element {
  return (
    <i
      class="node-mark"
      aria-hidden="true"
      data-silent={node.state === 'silent'}
      data-declared={node.place !== undefined}
      style={{ '--colour': cssOfSlot(node.slot) }}
    />
  );
}
