import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icons.tsx';

export function IconButton({
  icon,
  name,
  onPress,
  disabled = false,
  pressed,
  kind = '',
}: {
  icon: IconName;
  /** Read aloud, and shown on hovering. */
  name: string;
  onPress: () => void;
  disabled?: boolean;
  pressed?: boolean;
  kind?: string;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`icon-button ${kind}`}
      aria-label={name}
      title={name}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}

export function Switch({
  title,
  about,
  on,
  disabled = false,
  onChange,
}: {
  title: string;
  about?: string;
  on: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}): JSX.Element {
  const id = useId();
  return (
    <label class="switch" data-disabled={disabled}>
      <span class="switch-words">
        <span>{title}</span>
        {about && (
          <small class="soft" id={id}>
            {about}
          </small>
        )}
      </span>
      <input
        type="checkbox"
        role="switch"
        checked={on}
        aria-checked={on}
        disabled={disabled}
        aria-label={title}
        aria-describedby={about ? id : undefined}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
    </label>
  );
}

export function Slider({
  title,
  value,
  text,
  low,
  high,
  step,
  onChange,
}: {
  title: string;
  value: number;
  /** The value as people say it. */
  text: string;
  low: number;
  high: number;
  step: number;
  onChange: (value: number) => void;
}): JSX.Element {
  return (
    <label class="slider">
      <span class="slider-words">
        <span>{title}</span>
        <output>{text}</output>
      </span>
      <input
        type="range"
        min={low}
        max={high}
        step={step}
        value={value}
        aria-label={title}
        aria-valuetext={text}
        style={{ '--part': `${(100 * (value - low)) / (high - low)}%` }}
        onInput={({ currentTarget }) => onChange(currentTarget.valueAsNumber)}
      />
    </label>
  );
}

/** A few choices side by side, of which one holds. */
export function Choice<Value extends string>({
  title,
  value,
  choices,
  onChange,
}: {
  title: string;
  value: Value;
  choices: readonly { readonly value: Value; readonly title: string; readonly icon?: IconName }[];
  onChange: (value: Value) => void;
}): JSX.Element {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class="unseen">{title}</legend>
      {choices.map((choice) => (
        <label key={choice.value} title={choice.title}>
          <input
            type="radio"
            class="unseen"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          {choice.icon ? (
            <>
              <Icon name={choice.icon} />
              <span class="unseen">{choice.title}</span>
            </>
          ) : (
            <span>{choice.title}</span>
          )}
        </label>
      ))}
    </fieldset>
  );
}

/** A button that unfolds something beside it; Escape, a click elsewhere or `close` fold it again. */
export function Unfolding({
  title,
  face,
  kind,
  children,
}: {
  title: string;
  face: ComponentChildren;
  kind: string;
  children: (close: () => void) => ComponentChildren;
}): JSX.Element {
  const [open, setOpen] = useState(false);
  const id = useId();
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (!open) return;
    const chosen = whole.current?.querySelector<HTMLElement>('.unfolded input:checked, .unfolded [aria-current=true]');
    (chosen ?? whole.current?.querySelector<HTMLElement>('.unfolded :is(input, button)'))?.focus();
    const onPress = (event: PointerEvent): void => {
      if (!whole.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPress);
    return () => document.removeEventListener('pointerdown', onPress);
  }, [open]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape belongs to whatever inside has the focus
    <div
      class={`unfolding ${kind}`}
      ref={whole}
      onKeyDown={(event) => {
        if (!open || event.key !== 'Escape') return;
        event.stopPropagation();
        close();
      }}
    >
      <button
        type="button"
        class="unfolding-button"
        ref={button}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={title}
        onClick={() => setOpen(!open)}
      >
        {face}
        <Icon name="down" />
      </button>
      {open && (
        <div class="unfolded glass" id={id}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

/** A button that copies a text and says that it did. */
export function CopyButton({ text, name }: { text: string; name: string }): JSX.Element {
  const [state, setState] = useState<'ready' | 'copied' | 'denied'>('ready');
  const copy = (): void => {
    navigator.clipboard
      .writeText(text)
      .then(() => setState('copied'))
      .catch(() => setState('denied'))
      .finally(() => setTimeout(() => setState('ready'), 2000));
  };
  const words = { ready: name, copied: 'Copied', denied: 'The browser does not allow copying' }[state];
  return (
    <span class="copying">
      <IconButton icon={state === 'copied' ? 'check' : 'copy'} name={words} onPress={copy} kind="small" />
      <span class="unseen" role="status">
        {state === 'ready' ? '' : words}
      </span>
    </span>
  );
}
