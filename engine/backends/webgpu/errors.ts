export type DeviceErrorTag = 'DeviceLost' | 'DeviceRefused' | 'TooLargeForDevice' | 'NotOnDevice';

/** What a graphics device cannot do, or no longer: what happened, the figures, and the cure. */
export class DeviceError extends Error {
  readonly tag: DeviceErrorTag;
  constructor(tag: DeviceErrorTag, message: string, options?: ErrorOptions) {
    super(`${tag}: ${message}`, options);
    this.name = 'DeviceError';
    this.tag = tag;
  }
}
