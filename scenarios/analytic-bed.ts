import type { Bathymetry } from './scenario.ts';

/**
 * Elevation of the bed above the datum [m] at x, y [m], for a bed that is a formula; undefined for one that lies in files.
 * Only + − × ÷ √: the same bits everywhere.
 */
export function analyticElevation(bed: Bathymetry): ((x: number, y: number) => number) | undefined {
  switch (bed.type) {
    case 'layers':
      return undefined;
    case 'constant':
      return () => -bed.depth;
    case 'none':
      return () => 0;
    case 'slope': {
      const { depth, toe, gradient } = bed;
      const sign = bed.rises === 'east' ? 1 : -1;
      return (x) => Math.max(0, sign * (x - toe)) * gradient - depth;
    }
    case 'profile': {
      const { points } = bed;
      const last = points.length - 1;
      return (x) => {
        if (x <= points[0]![0]) return points[0]![1];
        const next = points.findIndex(([at]) => x < at);
        if (next < 0) return points[last]![1];
        const [x0, z0] = points[next - 1]!;
        const [x1, z1] = points[next]!;
        return z0 + ((z1 - z0) * (x - x0)) / (x1 - x0);
      };
    }
    case 'cone': {
      const { depth, x: centreX, y: centreY, baseRadius, topRadius, height } = bed;
      const steepness = height / (baseRadius - topRadius);
      return (x, y) => {
        const dx = x - centreX;
        const dy = y - centreY;
        const inward = baseRadius - Math.sqrt(dx * dx + dy * dy);
        return Math.min(height, Math.max(0, inward * steepness)) - depth;
      };
    }
  }
}
