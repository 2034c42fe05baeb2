import { BEND_GLSL } from './bend.glsl.ts';
import { fieldGlsl } from './field.glsl.ts';
import { PANELS_GLSL, PROJECTION_GLSL } from './projection.glsl.ts';

/** Corners of a rectangle of the picture: uBox is its middle and half size, from −1 to 1. */
export const BOX_VERTEX = /* glsl */ `
precision highp float;
uniform vec4 uBox;
in vec3 position;
void main() { gl_Position = vec4(uBox.xy + position.xy * uBox.zw, 0.0, 1.0); }
`;

/** Beside the globe: night with a few stars, and air that glows along the limb. */
export const SKY_FRAGMENT = /* glsl */ `
precision highp float;
uniform vec2 uSize;
uniform float uScale;
uniform vec2 uShift;
/** Share of the globe in what is drawn. */
uniform float uGlow;
out vec4 pixel;
void main() {
  vec3 colour = vec3(0.027, 0.036, 0.058);
#if PROJECTION == 0 && !defined(PLANE)
  vec2 p = (gl_FragCoord.xy - 0.5 * uSize) / uScale + uShift;
  vec3 cell = fract(floor(gl_FragCoord.xyx / 2.0) * vec3(0.1031, 0.1030, 0.0973));
  cell += dot(cell, cell.yzx + 33.33);
  float star = fract((cell.x + cell.y) * cell.z);
  colour += vec3(0.55, 0.62, 0.75) * max(0.0, (star - 0.9992) * 900.0) * uGlow;
  float height = max(0.0, length(p) - 1.0);
  float near = 1.0 / (1.0 + height * 9.0);
  float far = 1.0 / (1.0 + height * 2.0);
  near *= near;
  far *= far;
  // A globe that opens shows no light behind it.
  float beside = uGlow < 1.0 ? uGlow * smoothstep(0.98, 1.03, length(p)) : 1.0;
  colour += (vec3(0.13, 0.28, 0.52) * near * near * near + vec3(0.02, 0.045, 0.09) * far * far) * beside;
#endif
  pixel = vec4(colour, 1.0);
}
`;

/**
 * The globe or map, one fragment at a time: from the pixel to the direction, from there to land, sea floor and field. The
 * field's colours are those of its table, untouched by light, so that what is on the screen can be read off the legend.
 */
export const SURFACE_FRAGMENT = /* glsl */ `
precision highp float;
precision highp int;
precision highp sampler2DArray;
#ifdef BENT
uniform vec2 uBand;
in vec3 vDirection;
#else
uniform vec2 uSize;
uniform float uScale;
uniform vec2 uShift;
${PROJECTION_GLSL}
#endif
${PANELS_GLSL}
#ifdef FIELD
${fieldGlsl('Field')}
uniform sampler2D uColours;
uniform vec2 uLimits;
/** Distance of contours in the field's units. */
uniform float uContours;
#ifdef NEXT
${fieldGlsl('Next')}
/** Share of the next frame in what is drawn, 0 … 1. */
uniform float uTowardsNext;
#endif
#ifdef OTHER
${fieldGlsl('Other')}
/** Where the other run begins [pixels]. */
uniform float uSwipe;
#endif
#endif
/** Half size of a laboratory's plane in units of the map. */
uniform vec2 uPlane;
uniform sampler2DArray uEarth;
uniform float uExaggeration;
uniform vec3 uSun;
out vec4 pixel;

#ifdef SHARDS
uniform sampler2DArray uShards;
/** Tiles across a panel. */
uniform vec2 uTiles;

/** Tiles in their owners' colours, a line around each and a bright one between owners. */
vec3 shardsOver(vec3 colour, int panel, vec2 place) {
  vec2 at = place * uTiles;
  ivec2 tile = clamp(ivec2(floor(at)), ivec2(0), ivec2(uTiles) - 1);
  vec4 shard = texelFetch(uShards, ivec3(tile, panel), 0);
  vec2 within = at - vec2(tile) - 0.5;
  // Derivatives leap where panels meet.
  vec2 width = clamp(fwidth(at), 1e-5, 0.2);
  vec2 edge = (0.5 - abs(within)) / width;
  vec2 side = edge.x < edge.y ? vec2(sign(within.x), 0.0) : vec2(0.0, sign(within.y));
  ivec2 beside = clamp(tile + ivec2(side), ivec2(0), ivec2(uTiles) - 1);
  vec4 neighbour = texelFetch(uShards, ivec3(beside, panel), 0);
  bool isBorder = distance(shard.rgb, neighbour.rgb) > 0.02;
  float near = min(edge.x, edge.y);
  vec3 painted = mix(colour, shard.rgb * (0.72 + 0.5 * dot(colour, vec3(1.2))), 0.92 * shard.a);
  float line = 1.0 - smoothstep(isBorder ? 0.9 : 0.4, isBorder ? 1.7 : 1.1, near);
  vec3 drawn = isBorder ? mix(shard.rgb, vec3(1.0), 0.45) : shard.rgb;
  return mix(painted, drawn, line * (isBorder ? 0.85 : 0.38) * max(shard.a, 0.25));
}
#endif

#ifdef FIELD
vec3 colourAt(float value) {
#ifdef LOGARITHMIC
  float share = value <= uLimits.x ? 0.0 : log(value / uLimits.x) / log(uLimits.y / uLimits.x);
#else
  float share = (value - uLimits.x) / (uLimits.y - uLimits.x);
#endif
  return texelFetch(uColours, ivec2(clamp(int(floor(share * 256.0)), 0, 255), 0), 0).rgb;
}

vec2 valueAt(int panel, vec2 place) {
  vec2 here = valueField(panel, place);
#ifdef NEXT
  vec2 there = valueNext(panel, place);
  here = there.y > 0.0 ? (here.y > 0.0 ? mix(here, there, uTowardsNext) : there) : here;
#endif
#ifdef OTHER
  vec2 other = valueOther(panel, place);
#if OTHER == 1
  here = gl_FragCoord.x > uSwipe ? other : here;
#else
  here = vec2(here.x - other.x, min(here.y, other.y));
#endif
#endif
  return here;
}
#endif

vec3 surface(vec3 r) {
  vec2 place;
  int panel = panelAt(r, place);
  float land = 0.0;
  float height = 0.0;
  float shade = 0.0;
#ifdef EARTH
  vec3 earth = textureLod(uEarth, vec3(place, float(panel)), 0.0).rgb;
  land = smoothstep(0.35, 0.65, earth.b);
#ifdef RELIEF
  height = earth.r * 2.0 - 1.0;
  shade = (earth.g - 0.502) * 2.0 * uExaggeration;
#endif
#endif
  vec3 sea = mix(vec3(0.05, 0.085, 0.13), vec3(0.02, 0.033, 0.055), clamp(-height * 1.1, 0.0, 1.0));
  vec3 soil = mix(vec3(0.135, 0.155, 0.165), vec3(0.40, 0.395, 0.385), clamp(height * 1.15, 0.0, 1.0));
  vec3 colour = mix(sea, soil, land) * clamp(1.0 + shade * mix(0.7, 1.5, land), 0.35, 1.9);
#ifdef FIELD
  vec2 value = valueAt(panel, place);
  vec3 painted = colourAt(value.x);
#ifdef CONTOURS
  float level = value.x / uContours;
  float width = max(fwidth(level), 1e-6);
  float line = 1.0 - smoothstep(0.6, 1.3, abs(fract(level - 0.5) - 0.5) / width);
  // Where the field is flat, round-off would draw every cell.
  painted = mix(painted, vec3(0.95), width < 0.4 && abs(level) > 0.25 ? 0.55 * line : 0.0);
#endif
#ifdef COVERS_LAND
  land = 0.0;
#endif
  colour = mix(colour, painted, value.y > 0.0 ? 1.0 - land : 0.0);
#endif
#ifdef SHARDS
  colour = shardsOver(colour, panel, place);
#endif
#ifdef DAYLIGHT
  colour *= mix(0.38, 1.0, smoothstep(-0.12, 0.12, dot(r, uSun)));
#endif
  return colour;
}

#ifdef BENT
void main() {
  vec3 r = normalize(vDirection);
#ifdef CUT
  // Where nothing is cut off, hidden fragments need not be coloured.
  if (r.z < uBand.x || r.z > uBand.y) discard;
#endif
  // What one sees of the inside lies in shade.
  pixel = vec4(surface(r) * (gl_FrontFacing ? 1.0 : 0.4), 1.0);
}
#else
void main() {
  vec2 p = (gl_FragCoord.xy - 0.5 * uSize) / uScale + uShift;
#ifdef PLANE
  vec2 place = p / uPlane * 0.5 + 0.5;
  bool within = all(greaterThanEqual(place, vec2(0.0))) && all(lessThan(place, vec2(1.0)));
  vec3 colour = vec3(0.06, 0.085, 0.12);
#ifdef FIELD
  vec2 at = clamp(place, 0.0, 0.9999) * vec2(uFieldShape.x, uFieldShape.z);
  vec2 tile = floor(at / uFieldShape.y);
  float across = ceil(uFieldShape.x / uFieldShape.y);
  uint code = texelFetch(uField, ivec3(ivec2(at - tile * uFieldShape.y), int(tile.y * across + tile.x)), 0).r;
  colour = code == 65535u ? vec3(0.25, 0.25, 0.24) : colourAt(uFieldRange.x + float(code) * uFieldRange.y);
#endif
  pixel = vec4(colour, within ? 1.0 : 0.0);
#else
  vec3 r;
#if PROJECTION == 0
  // The limb is smooth: the outermost pixel shows globe and night by its share of each.
  float distance = length(p);
  float covered = clamp((1.0 - distance) * uScale + 0.5, 0.0, 1.0);
  fromMap(p * min(1.0, (1.0 - 0.5 / uScale) / max(distance, 1e-6)), r);
#else
  float covered = fromMap(p, r) ? 1.0 : 0.0;
#endif
  pixel = vec4(surface(r), covered);
#endif
}
#endif
`;

/** Lines on the globe: both ends of each segment, so that one across the edge of a map is left out. */
export const LINE_VERTEX = /* glsl */ `
precision highp float;
precision highp int;
#ifdef BENT
${BEND_GLSL}
#else
${PROJECTION_GLSL}
uniform vec2 uSize;
uniform float uScale;
uniform vec2 uShift;
#endif
in vec3 position;
in vec3 other;
#ifdef STRENGTH
in float strength;
#endif
out float vSeen;
out float vStrength;
void main() {
#ifdef STRENGTH
  vStrength = strength;
#else
  vStrength = 1.0;
#endif
#ifdef BENT
  float lambda = fromMiddle(position);
  bool torn = abs(fromMiddle(other) - lambda) > PI;
  vSeen = min(position.z - uBand.x, uBand.y - position.z);
  // A hair above the sheet, whose quads are not quite round.
  gl_Position = torn ? vec4(2.0, 2.0, 2.0, 1.0) : bent(lambda, asin(clamp(position.z, -1.0, 1.0)), 0.004);
#else
  vec3 here = toMap(position);
  vec3 there = toMap(other);
  bool torn = PROJECTION != 0 && distance(here.xy, there.xy) > 0.6;
  vSeen = here.z;
  vec2 clip = (here.xy - uShift) * uScale / (0.5 * uSize);
  gl_Position = torn || (here.z < 0.0 && there.z < 0.0) ? vec4(2.0, 2.0, 2.0, 1.0) : vec4(clip, 0.0, 1.0);
#endif
}
`;

export const LINE_FRAGMENT = /* glsl */ `
precision highp float;
uniform vec4 uColour;
in float vSeen;
in float vStrength;
out vec4 pixel;
void main() {
  if (vSeen < 0.0 || vStrength < 0.02) discard;
  pixel = vec4(uColour.rgb, uColour.a * vStrength);
}
`;
