/** What an earthquake of a magnitude means, by those that people remember. */
export function magnitudeInWords(magnitude: number): string {
  if (magnitude < 7) return 'Shakes a region. Under the sea it raises at most a small wave nearby.';
  if (magnitude < 7.6) return 'Can raise a wave that is dangerous on the coasts nearby.';
  if (magnitude < 8) return 'A dangerous wave along a few hundred kilometres of coast; hardly felt across an ocean.';
  if (magnitude < 8.5)
    return 'A great earthquake: one or two a year worldwide. Tide gauges across the ocean see its wave.';
  if (magnitude < 8.9) return 'As off Chile in 2010 (8.8): harbours across the whole ocean are in danger.';
  if (magnitude < 9.2) return 'As off Japan in 2011 (9.0) and Sumatra in 2004 (9.1): a disaster across an ocean.';
  return 'As off Chile in 1960 (9.5), the largest ever measured.';
}

/** Energy in that of magnitude 9.0: a whole magnitude is 10^1.5 = 32 times (Gutenberg & Richter 1956). */
export function energyInWords(magnitude: number): string {
  const ratio = 10 ** (1.5 * (magnitude - 9));
  if (Math.abs(ratio - 1) < 0.05) return 'the energy of the earthquake off Japan in 2011';
  if (ratio > 1) return `${ratio.toFixed(1)} times the energy of the earthquake off Japan in 2011`;
  const share = 1 / ratio;
  return `1/${share < 10 ? Number(share.toFixed(1)) : Math.round(share)} of the energy of the earthquake off Japan in 2011`;
}
