import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { connection, notice, progress } from '../state.ts';
import { IconButton } from './controls.tsx';
import { Icon } from './icons.tsx';

/** What keeps the whole viewer from working, as a browser without WebGL2. */
const trouble = signal<string | undefined>(undefined);

/** Says in the middle of the page why there is no globe. */
export function showTrouble(message: string): void {
  trouble.value = message;
}

export function Trouble(): JSX.Element | null {
  if (trouble.value === undefined) return null;
  return (
    <section class="trouble glass" role="alert">
      <Icon name="trouble" />
      <p>{trouble.value}</p>
    </section>
  );
}

/** Troubles on the way, one line each. */
export function Banners(): JSX.Element {
  const words = connectionInWords();
  return (
    <div class="banners" aria-live="polite">
      {words && <Banner text={words} />}
      {progress.value?.state === 'failed' && progress.value.message && <Banner text={progress.value.message} />}
      {notice.value !== undefined && (
        <Banner
          text={notice.value}
          onClose={() => {
            notice.value = undefined;
          }}
        />
      )}
    </div>
  );
}

function Banner({ text, onClose }: { text: JSX.Element | string; onClose?: () => void }): JSX.Element {
  return (
    <div class="banner glass">
      <Icon name="trouble" />
      <p>{text}</p>
      {onClose && <IconButton icon="close" name="Dismiss" kind="small" onPress={onClose} />}
    </div>
  );
}

function connectionInWords(): JSX.Element | string | undefined {
  const state = connection.value;
  switch (state.phase) {
    case 'connecting':
    case 'open':
    case 'site':
      return undefined;
    case 'lost':
      return <LostConnection nextTry={state.nextTry} />;
    case 'refused':
      return state.message;
  }
}

function LostConnection({ nextTry }: { nextTry: number }): JSX.Element {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    setNow(performance.now());
    const timer = setInterval(() => setNow(performance.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const left = Math.ceil((nextTry - now) / 1000);
  return (
    <>
      The connection is lost. {/* Counting aloud would talk over everything else. */}
      <span aria-hidden="true">{left > 0 ? `Trying again in ${left} s` : 'Trying again …'}</span>
      <span class="unseen">It is being tried again.</span>
    </>
  );
}
