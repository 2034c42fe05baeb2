import type { JSX } from 'preact';
import { KEYS } from './keyboard.ts';

/** Of the globe itself, when it has the focus. */
const GLOBE_KEYS = [
  { keys: ['←', '→', '↑', '↓'], words: 'Turn' },
  { keys: ['+', '−'], words: 'Closer, farther' },
  { keys: ['Enter'], words: 'Ask about the middle' },
];

const FACES: Readonly<Record<string, string>> = { ' ': 'Space', Escape: 'Esc' };

export default function HelpPanel(): JSX.Element {
  const shown = KEYS.map(({ keys, words }) => ({ words, keys: keys.map((key) => FACES[key] ?? key.toUpperCase()) }));
  return (
    <>
      <h3>Anywhere</h3>
      <Keys rows={shown} />
      <h3>On the globe</h3>
      <Keys rows={GLOBE_KEYS} />
      <p class="soft">By hand: drag to turn, pinch or use the wheel to come closer, click to ask about a place.</p>
    </>
  );
}

function Keys({
  rows,
}: {
  rows: readonly { readonly keys: readonly string[]; readonly words: string }[];
}): JSX.Element {
  return (
    <dl class="keys">
      {rows.map(({ keys, words }) => (
        <div key={words}>
          <dt>{words}</dt>
          <dd>
            {keys.map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}
