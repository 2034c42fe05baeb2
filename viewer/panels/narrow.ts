import { signal } from '@preact/signals';

/** Below this width the panels are one sheet at the bottom; `panels.css` has the same number. */
const query = matchMedia('(max-width: 759px)');

export const isNarrow = signal(query.matches);
query.addEventListener('change', () => {
  isNarrow.value = query.matches;
});
