import { computed } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { clockStep } from '../../workers/plot/ticks.ts';
import type { RunInfo } from '../../workers/protocol/viewing.ts';
import { field, isLive, playbackSpeed, playing, progress, run, seconds, secondsShown, shown } from '../state.ts';
import { IconButton } from './controls.tsx';
import { canStep, goLive, goTo, stepFrames, togglePlaying } from './playback.ts';
import { speedsFor } from './playback-speeds.ts';
import { tickPlace } from './tick-place.ts';
import { clockTime, dateInWords, durationInWords, sinceInWords, speedInWords } from './time-words.ts';

/** One picture grows through the whole run, so there are no other times to go to. */
const isLasting = computed(() => field.value?.kind === 'lasting');

/** When this is, and the way to other times. */
export function TimeBar(): JSX.Element | null {
  const info = run.value;
  if (!info) return null;
  return (
    <section class="time-bar glass" aria-label="Time">
      <TimeShown info={info} />
      <div class="time-buttons">
        <IconButton
          icon="back"
          name="One picture back ([)"
          disabled={isLasting.value || !canStep(-1)}
          onPress={() => stepFrames(-1)}
        />
        <IconButton
          icon={playing.value || isLive.value ? 'pause' : 'play'}
          name={playing.value || isLive.value ? 'Pause (Space)' : 'Play (Space)'}
          kind="strong"
          disabled={isLasting.value}
          onPress={togglePlaying}
        />
        <IconButton
          icon="forward"
          name="One picture on (])"
          disabled={isLasting.value || !canStep(1)}
          onPress={() => stepFrames(1)}
        />
      </div>
      <Timeline info={info} />
      <div class="time-ends">
        <SpeedPicker />
        <LiveButton />
      </div>
    </section>
  );
}

function TimeShown({ info }: { info: RunInfo }): JSX.Element {
  const now = secondsShown.value;
  const isFine = info.duration < 3600;
  return (
    <div class="time-shown">
      <time class="clock" dateTime={new Date(Date.parse(info.start) + now * 1000).toISOString()}>
        <b>{clockTime(info.start, now, isFine)}</b> <span>UTC</span> <span>{dateInWords(info.start, now)}</span>
      </time>
      <p class="soft">
        {isLasting.value ? 'up to ' : ''}
        {sinceInWords(info, now)}
      </p>
    </div>
  );
}

/** The input alone follows every picture of a film; marks and hours stay. */
function Timeline({ info }: { info: RunInfo }): JSX.Element {
  return (
    <div class="timeline">
      <KeptMarks info={info} />
      <TimeInput info={info} />
      <TimelineTicks info={info} />
    </div>
  );
}

const percentOf = (time: number, { duration }: RunInfo): string => `${(100 * time) / duration}%`;

function TimeInput({ info }: { info: RunInfo }): JSX.Element {
  const about = useId();
  const now = secondsShown.value;
  const done = Math.min(info.duration, progress.value?.seconds ?? info.duration);
  return (
    <>
      <input
        type="range"
        aria-label="Time shown"
        aria-describedby={about}
        aria-valuetext={`${clockTime(info.start, now)} UTC, ${sinceInWords(info, now)}`}
        min={0}
        max={info.duration}
        step="any"
        disabled={isLasting.value}
        value={now}
        style={{ '--part': percentOf(now, info), '--done': percentOf(done, info) }}
        onInput={({ currentTarget }) => goTo(currentTarget.valueAsNumber)}
        onKeyDown={(event) => {
          const frames = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[
            event.key
          ];
          if (frames === undefined) return;
          event.preventDefault();
          stepFrames(frames);
        }}
      />
      <span class="unseen" id={about}>
        {progress.value?.times.length ?? 0} pictures are kept; {durationInWords(done)} of{' '}
        {durationInWords(info.duration)} are computed.
      </span>
    </>
  );
}

function TimelineTicks({ info }: { info: RunInfo }): JSX.Element {
  const [unit, clock, name] =
    info.duration >= 2 * 3600
      ? ([3600, 'hours', 'h'] as const)
      : info.duration >= 180
        ? ([60, 'minutes', 'min'] as const)
        : ([1, 'seconds', 's'] as const);
  const step = clockStep(info.duration / unit, 10, clock);
  const count = Math.floor(info.duration / unit / step + 1e-9);
  return (
    <div class="timeline-ticks" aria-hidden="true">
      {Array.from({ length: count + 1 }, (_, k) => k * step).map((tick) => (
        <span key={tick} style={tickPlace((tick * unit) / info.duration)}>
          {tick === 0 ? '0' : `${tick} ${name}`}
        </span>
      ))}
    </div>
  );
}

/** A short line for each picture kept, as long as they can be told apart. */
function KeptMarks({ info }: { info: RunInfo }): JSX.Element | null {
  const times = progress.value?.times ?? [];
  if (times.length > 160) return null;
  const lines = times.map((time) => `M${((1000 * time) / info.duration).toFixed(1)} 0v1`).join('');
  return (
    <svg class="kept-marks" viewBox="0 0 1000 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <path d={lines} />
    </svg>
  );
}

function SpeedPicker(): JSX.Element {
  const offered = speedsFor(run.value?.duration ?? 0);
  const speeds = [...new Set([...offered, playbackSpeed.value])].sort((a, b) => a - b);
  return (
    <label class="picker" title="How fast to play">
      <span class="unseen">Speed of playing</span>
      <select
        value={String(playbackSpeed.value)}
        onChange={({ currentTarget }) => {
          playbackSpeed.value = Number(currentTarget.value);
        }}
      >
        {speeds.map((speed) => (
          <option key={speed} value={String(speed)}>
            {speedInWords(speed)}
          </option>
        ))}
      </select>
    </label>
  );
}

function LiveButton(): JSX.Element | null {
  if (progress.value?.state !== 'running') return null;
  if (seconds.value === undefined) {
    const latency = shown.value?.latency ?? 0;
    return (
      <span class="live-lag soft" title="From the computation to your screen">
        {latency < 950 ? `${Math.round(latency / 10) * 10} ms` : `${(latency / 1000).toFixed(1)} s`} behind
      </span>
    );
  }
  const behind = Math.max(0, progress.value.seconds - secondsShown.value);
  return (
    <button type="button" class="button live-button" title="To the newest picture (L)" onClick={goLive}>
      <i aria-hidden="true" />
      Live <small class="soft">{durationInWords(behind)} ahead</small>
    </button>
  );
}
