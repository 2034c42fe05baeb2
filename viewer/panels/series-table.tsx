import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { seriesRows } from './csv.ts';
import { clockTime, durationInWords } from './time-words.ts';
import { valueInWords } from './units.ts';

/** The numbers of a chart, folded away; long series every few rows, whole ones are in the CSV. */
export function SeriesTable({
  start,
  caption,
  lines,
}: {
  start: string;
  caption: string;
  lines: readonly { readonly title: string; readonly seconds: readonly number[]; readonly values: readonly number[] }[];
}): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>As a table</summary>
      {open && <Rows start={start} caption={caption} lines={lines} />}
    </details>
  );
}

const MOST_ROWS = 150;

function Rows({ start, caption, lines }: Parameters<typeof SeriesTable>[0]): JSX.Element {
  const all = seriesRows(lines);
  const stride = Math.ceil(all.length / MOST_ROWS);
  const rows = all.filter((_, k) => k % stride === 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class="table-box" tabIndex={0} aria-label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">After</th>
            <th scope="col">UTC</th>
            {lines.map(({ title }) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([time = 0, ...values]) => (
            <tr key={time}>
              <th scope="row">{durationInWords(time)}</th>
              <td>{clockTime(start, time)}</td>
              {values.map((value, k) => (
                <td key={lines[k]!.title}>{value === undefined ? '' : valueInWords(value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
