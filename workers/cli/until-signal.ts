/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function untilSignal(): Promise<void> {
  return new Promise((done) => {
    let isAsked = false;
    const end = () => {
      if (isAsked) process.exit(130);
      isAsked = true;
      done();
    };
    process.on('SIGINT', end);
    process.on('SIGTERM', end);
  });
}
