/**
 * Values of a frame at a place. Codes of cells lie in layers of a texture, a frame tile each; the value between cell centres
 * is bilinear among those that have one. Beyond a panel's side the neighbour's cells are read where they truly lie.
 *
 * shape: cells across a panel, cells across a tile, tiles across a panel. Returned: value, and the share of the weight that
 * has one (0: nothing there).
 */
export const fieldGlsl = (name: string): string => /* glsl */ `
uniform highp usampler2DArray u${name};
uniform ivec3 u${name}Shape;
/** Value of code 0, and of a step. */
uniform vec2 u${name}Range;

uint code${name}(int panel, ivec2 cell) {
  ivec2 tile = cell / u${name}Shape.y;
  int across = u${name}Shape.z;
  return texelFetch(u${name}, ivec3(cell - tile * u${name}Shape.y, (panel * across + tile.y) * across + tile.x), 0).r;
}

vec2 weigh${name}(int panel, ivec2 cell, float weight) {
  uint code = code${name}(panel, cell);
  return code == 65535u ? vec2(0.0) : weight * vec2(u${name}Range.x + float(code) * u${name}Range.y, 1.0);
}

vec2 inside${name}(int panel, vec2 at) {
  ivec2 first = ivec2(floor(at));
  vec2 share = at - vec2(first);
  ivec2 last = ivec2(u${name}Shape.x - 1);
  ivec2 low = clamp(first, ivec2(0), last);
  ivec2 high = clamp(first + 1, ivec2(0), last);
  return weigh${name}(panel, low, (1.0 - share.x) * (1.0 - share.y))
    + weigh${name}(panel, ivec2(high.x, low.y), share.x * (1.0 - share.y))
    + weigh${name}(panel, ivec2(low.x, high.y), (1.0 - share.x) * share.y)
    + weigh${name}(panel, high, share.x * share.y);
}

/** One cell of the panel carried on beyond its sides. */
vec2 beyond${name}(int panel, ivec2 cell, float weight) {
  int cells = u${name}Shape.x;
  if (all(greaterThanEqual(cell, ivec2(0))) && all(lessThan(cell, ivec2(cells)))) return weigh${name}(panel, cell, weight);
  vec2 place;
  int other = panelAt(panelDirection(panel, (vec2(cell) + 0.5) / float(cells)), place);
  return weight * inside${name}(other, place * float(cells) - 0.5);
}

vec2 value${name}(vec3 r) {
  vec2 place;
  int panel = panelAt(r, place);
  float cells = float(u${name}Shape.x);
  vec2 at = place * cells - 0.5;
  vec2 sum;
  if (all(greaterThanEqual(at, vec2(0.0))) && all(lessThan(at, vec2(cells - 1.0)))) sum = inside${name}(panel, at);
  else {
    ivec2 first = ivec2(floor(at));
    vec2 share = at - vec2(first);
    sum = beyond${name}(panel, first, (1.0 - share.x) * (1.0 - share.y))
      + beyond${name}(panel, first + ivec2(1, 0), share.x * (1.0 - share.y))
      + beyond${name}(panel, first + ivec2(0, 1), (1.0 - share.x) * share.y)
      + beyond${name}(panel, first + ivec2(1, 1), share.x * share.y);
  }
  return sum.y > 0.001 ? vec2(sum.x / sum.y, sum.y) : vec2(0.0);
}
`;
