/** Nodes and weights of four-point Gauss–Legendre quadrature on (0, 1): exact for polynomials of degree seven. */
export const GAUSS_NODES = [0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970263] as const;
export const GAUSS_WEIGHTS = [
  0.17392742256872692, 0.32607257743127307, 0.32607257743127307, 0.17392742256872692,
] as const;
