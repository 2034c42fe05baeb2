import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { actions } from '../actions.ts';
import { camera, comparison, epicentre, imagining, isHere, panel, run, runs, whatIf } from '../state.ts';
import { CopyButton, Slider } from './controls.tsx';
import { energyInWords, magnitudeInWords } from './magnitude-words.ts';
import { whyNotAllowed } from './permission.ts';
import { placeInWords } from './place-words.ts';

/** An earthquake that a visitor thinks up: where, how strong, what would run, and running it. */
export default function WhatIfPanel(): JSX.Element {
  const asked = epicentre.value;
  useEffect(() => {
    if (!asked) return;
    // A slider sends many values on its way to one.
    const timer = setTimeout(() => actions.imagine(asked, asked.magnitude), 300);
    return () => clearTimeout(timer);
  }, [asked]);
  const idea = whatIf.value;

  if (run.value && run.value.grid.kind === 'plane')
    return <p class="soft">This run is a laboratory channel; earthquakes can be thought up on runs of the globe.</p>;
  return (
    <>
      <CompareWithFirst />
      <ol class="plain-list steps">
        <Step number={1} title="Where?" done={asked !== undefined}>
          <Where />
        </Step>
        <Step number={2} title="How strong?" done={asked !== undefined && idea !== undefined}>
          {asked ? <HowStrong /> : <p class="soft">First choose a place.</p>}
        </Step>
        <Step number={3} title="What would run" done={false}>
          {!asked && <p class="soft">The fault that fits, and why, will stand here.</p>}
          {asked && imagining.value && <p class="soft">Looking for a fault that fits …</p>}
          {asked && idea && !imagining.value && <Idea {...idea} />}
        </Step>
      </ol>
    </>
  );
}

function Step({
  number,
  title,
  done,
  children,
}: {
  number: number;
  title: string;
  done: boolean;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <li class="step" data-done={done}>
      <h3>
        <span class="step-number" aria-hidden="true">
          {number}
        </span>
        {title}
      </h3>
      <div class="step-body">{children}</div>
    </li>
  );
}

function Where(): JSX.Element {
  const asked = epicentre.value;
  const takeMiddle = (): void => {
    const { longitude, latitude } = camera.value;
    epicentre.value = { longitude, latitude, magnitude: asked?.magnitude ?? 8.5 };
  };
  return (
    <>
      <p>
        {asked ? (
          <b>{placeInWords(asked)}</b>
        ) : (
          'Click the ocean where the earthquake should strike; most do so along the edges of plates.'
        )}
      </p>
      <button type="button" class="button" onClick={takeMiddle}>
        Take the middle of the view
      </button>
    </>
  );
}

function HowStrong(): JSX.Element {
  const asked = epicentre.value!;
  return (
    <>
      <Slider
        title="Magnitude"
        value={asked.magnitude}
        text={asked.magnitude.toFixed(1)}
        low={6.5}
        high={9.5}
        step={0.1}
        onChange={(magnitude) => {
          epicentre.value = { ...asked, magnitude: Math.round(10 * magnitude) / 10 };
        }}
      />
      <p class="soft">
        {magnitudeInWords(asked.magnitude)} It has {energyInWords(asked.magnitude)}.
      </p>
    </>
  );
}

function Idea({ yaml, reasons }: { yaml: string; reasons: readonly string[] }): JSX.Element {
  const obstacle = whyNotAllowed();
  return (
    <>
      <ul class="sentences">
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <details>
        <summary>The scenario, as the computation reads it</summary>
        <div class="scenario">
          <CopyButton text={yaml} name="Copy the scenario" />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
          <pre tabIndex={0}>{yaml}</pre>
        </div>
      </details>
      <p class="control-line">
        {!isHere.value && (
          <button
            type="button"
            class="button strong"
            disabled={obstacle !== undefined}
            aria-describedby="what-if-obstacle"
            onClick={() => actions.startScenario(yaml, true)}
          >
            Run it
          </button>
        )}
        <button
          type="button"
          class={`button ${isHere.value || obstacle !== undefined ? 'strong' : ''}`}
          onClick={() => actions.computeHere('what-if')}
        >
          Compute it here
        </button>
      </p>
      {!isHere.value && (
        <p class="soft" id="what-if-obstacle">
          {obstacle ?? 'It starts at once, and this page follows it.'}
        </p>
      )}
      <p class="soft">“Here” is your own machine: this page computes the waves itself, and shows them as they come.</p>
    </>
  );
}

/** Once a what-if runs, what it is held against. */
function CompareWithFirst(): JSX.Element | null {
  const first = runs.value.find(({ id }) => id === run.value?.variantOf);
  if (!first) return null;
  return (
    <div class="card">
      <p>This run is a what-if. See it beside the first: {first.title}.</p>
      <button
        type="button"
        class="button"
        onClick={() => {
          comparison.value = { run: first.id, mode: 'swipe', at: 0.5 };
          panel.value = 'compare';
        }}
      >
        Compare the two
      </button>
    </div>
  );
}
