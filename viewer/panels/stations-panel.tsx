import type { JSX } from 'preact';

export default function Panel(): JSX.Element {
  return <p class="soft">To come.</p>;
}
