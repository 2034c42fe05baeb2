/** Names of drivers in which a processor plays the graphics card. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b/i;

/** Whether what a driver says of itself names a processor that plays the graphics card. */
export const isSoftwareRenderer = (name: string): boolean => SOFTWARE.test(name);
