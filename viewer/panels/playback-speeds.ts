/** Speeds to choose from, in seconds of the scenario a second: a laboratory channel lasts seconds, the weather weeks. */
const SPEEDS = [0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 1800, 3600, 7200, 14_400, 43_200];

/** Those that show a run of so many seconds in three seconds to six minutes. */
export function speedsFor(duration: number): readonly number[] {
  return SPEEDS.filter((speed) => duration / speed > 3 && duration / speed < 360);
}

/** The speed as it is where it suits the run, and otherwise the one that takes nearest to half a minute. */
export function suitableSpeed(duration: number, speed: number): number {
  const offered = speedsFor(duration);
  if (offered.includes(speed) || offered.length === 0) return speed;
  const distance = (candidate: number): number => Math.abs(Math.log(duration / candidate / 30));
  return offered.reduce((best, candidate) => (distance(candidate) < distance(best) ? candidate : best));
}
