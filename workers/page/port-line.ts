import type { ViewerSocket } from '../gateway/viewer-session.ts';

/** The line to a viewer in the same page. */
export function portLine(port: MessagePort): ViewerSocket {
  let isOpen = true;
  const end = (): void => {
    isOpen = false;
    port.close();
  };
  return {
    listen(onMessage, onClose) {
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (data instanceof Uint8Array) onMessage(data);
        else {
          end();
          onClose();
        }
      };
    },
    isOpen: () => isOpen,
    // A port cannot be asked; credits keep a viewer from being flooded.
    waiting: () => 0,
    send(bytes, onSent) {
      port.postMessage(bytes);
      // As a socket does it: after the caller has finished.
      queueMicrotask(onSent);
    },
    close: end,
    terminate: end,
  };
}
