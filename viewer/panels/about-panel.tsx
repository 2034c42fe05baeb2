import type { JSX } from 'preact';
import { run } from '../state.ts';

const OWN_CREDITS = [
  'Coastlines and borders of land: Natural Earth (public domain), as world-atlas',
  'Colours: cmocean, Thyng et al. (2016); batlow and vik, Crameri (2021); viridis, van der Walt, Smith and Firing',
  'Typeface: Inter, by Rasmus Andersson (SIL Open Font Licence)',
];

export default function AboutPanel(): JSX.Element {
  const current = run.value;
  return (
    <>
      <p>
        Terrella computes how the sea and the air of the whole Earth move, and shows it while it does. The globe is cut
        into tiles that many processors work on at once, and whoever repeats a run gets the same result to the last bit.
      </p>
      <p class="warning">
        <b>This is not a warning service.</b> What you see is research and may be wrong. If the ground shakes long and
        hard near the sea, go up at once, and follow your local authorities.
      </p>
      {current && (
        <section class="stack" aria-labelledby="run-title">
          <h3 id="run-title">{current.title}</h3>
          <p class="soft">{current.description}</p>
          {current.references.length > 0 && (
            <>
              <h4 class="caption">From</h4>
              <ul class="sentences">
                {current.references.map((reference) => (
                  <li key={reference}>{reference}</li>
                ))}
              </ul>
            </>
          )}
        </section>
      )}
      <section class="stack" aria-labelledby="credits-title">
        <h3 id="credits-title">Thanks to</h3>
        <ul class="sentences">
          {[...(current?.credits ?? []), ...OWN_CREDITS].map((credit) => (
            <li key={credit}>{credit}</li>
          ))}
        </ul>
      </section>
    </>
  );
}
