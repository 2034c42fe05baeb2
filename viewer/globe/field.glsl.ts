/**
 * Values of a frame at a place of a panel (0 … 1). Codes of cells lie in layers of a texture, a frame tile each with a line of
 * its neighbours' cells around it; the value between cell centres is bilinear among those that have one.
 *
 * shape: cells across a panel, cells across a tile, tiles across a panel. Returned: value, and the share of the weight that
 * has one (0: nothing there).
 */
export const fieldGlsl = (name: string): string => /* glsl */ `
uniform highp usampler2DArray u${name};
uniform vec3 u${name}Shape;
/** Value of code 0, and of a step. */
uniform vec2 u${name}Range;

vec2 value${name}(int panel, vec2 place) {
  vec2 at = place * u${name}Shape.x;
  vec2 tile = clamp(floor(at / u${name}Shape.y), 0.0, u${name}Shape.z - 1.0);
  // The first cell of a tile has its centre at 1 in its layer, behind the neighbour's.
  vec2 local = at - tile * u${name}Shape.y + 0.5;
  vec2 share = fract(local);
  ivec3 first = ivec3(ivec2(local), int((float(panel) * u${name}Shape.z + tile.y) * u${name}Shape.z + tile.x));
  uvec4 codes = uvec4(
    texelFetch(u${name}, first, 0).r,
    texelFetch(u${name}, first + ivec3(1, 0, 0), 0).r,
    texelFetch(u${name}, first + ivec3(0, 1, 0), 0).r,
    texelFetch(u${name}, first + ivec3(1, 1, 0), 0).r);
  vec4 weights = vec4(1.0 - share.x, share.x, 1.0 - share.x, share.x) * vec4(vec2(1.0 - share.y), vec2(share.y));
  weights *= vec4(notEqual(codes, uvec4(65535u)));
  float sum = dot(weights, vec4(1.0));
  return vec2(u${name}Range.x + u${name}Range.y * dot(weights, vec4(codes)) / max(sum, 1e-6), sum);
}
`;
