/** Time as a process sees it; a test turns its own by hand. */
export interface Clock {
  /** Milliseconds; only differences count. */
  now(): number;
  /** Calls `act` again and again; gives back what ends that. */
  every(milliseconds: number, act: () => void): () => void;
  /** Resolves after so long. */
  wait(milliseconds: number): Promise<void>;
}

export const wallClock: Clock = {
  now: () => performance.now(),
  every: (milliseconds, act) => {
    const timer = setInterval(act, milliseconds);
    return () => clearInterval(timer);
  },
  wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
};
