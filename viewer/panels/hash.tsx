import type { ComponentChildren, JSX } from 'preact';
import { CopyButton } from './controls.tsx';

/** A hash in a list of facts: its ends, and all of it to copy. */
export function Hash({
  title,
  ends = 12,
  children,
}: {
  title: string;
  /** Letters of either end. */
  ends?: number;
  children: string & ComponentChildren;
}): JSX.Element {
  return (
    <>
      <dt>{title}</dt>
      <dd>
        <code title={children}>
          {children.slice(0, ends)} … {children.slice(-ends)}
        </code>
        <CopyButton text={children} name={`Copy the hash: ${title}`} />
      </dd>
    </>
  );
}
