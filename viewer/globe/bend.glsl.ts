import { MAP_CONSTANTS_GLSL, MOLLWEIDE_GLSL } from './projection.glsl.ts';

/**
 * From one map to another as a sheet in space. A map that is partly flat lies on a globe larger than its own, of curvature
 * 1 − flatness, that touches the camera's place: at 0 it is the globe as the eye sees it, at 1 the map as it is. Both numbers
 * are uniforms here, unlike in `projection.glsl.ts`: a few thousand corners cost nothing, another program would.
 */
export const BEND_GLSL = /* glsl */ `
${MAP_CONSTANTS_GLSL}
${MOLLWEIDE_GLSL}
uniform vec2 uSize;
uniform float uScale;
/** Longitude in the middle, and the sign of the pole. */
uniform vec2 uCentre;
/** Of the camera's place. */
uniform float uLatitude;
uniform ivec2 uMaps;
uniform vec2 uFlatness;
uniform float uSecond;
/** Where the camera's place is, from the middle of the picture [pixels]. */
uniform vec2 uAnchor;
/** Sines of the latitudes between which anything is shown. */
uniform vec2 uBand;

/** sin(k x) / k, also for k = 0. */
float curl(float k, float x) {
  float angle = k * x;
  return abs(angle) < 0.05 ? x * (1.0 - angle * angle / 6.0) : sin(angle) / k;
}

/** Half of k x² where k is little: (1 − cos(k x)) / k. */
float sag(float k, float x) {
  float chord = curl(0.5 * k, x);
  return 0.5 * k * chord * chord;
}

/** Point of a cylindrical map, or of one like it; Mercator's ends where it is told. */
vec2 flatPoint(int map, float lambda, float phi, float end) {
  if (map == 2) return vec2(lambda, log(tan(PI / 4.0 + clamp(phi, -end, end) / 2.0)));
  if (map == 3) {
    float theta = mollweideAngle(phi, sin(phi));
    return vec2(2.0 * sqrt(2.0) / PI * lambda * cos(theta), sqrt(2.0) * sin(theta));
  }
  return vec2(lambda, phi);
}

/** Place in space: to the right of the camera's place, above it, towards the eye. */
vec3 curled(int map, float flatness, float lambda, float phi) {
  float k = 1.0 - flatness;
  float front = mix(1.0, EYE - FOCUS, flatness);
  if (map == 4) {
    vec2 colatitude = PI / 2.0 - uCentre.y * vec2(phi, uLatitude);
    vec2 c = mix(colatitude, 2.0 * sin(0.5 * colatitude), flatness);
    float around = curl(k, c.x);
    float beyond = around * (1.0 - cos(lambda));
    return vec3(
      around * sin(lambda),
      uCentre.y * (curl(k, c.y - c.x) + beyond * cos(k * c.y)),
      front - sag(k, c.y - c.x) - beyond * sin(k * c.y));
  }
  vec2 p = mix(vec2(lambda, phi), flatPoint(map, lambda, phi, 1.51), flatness);
  float middle = mix(uLatitude, flatPoint(map, 0.0, uLatitude, MERCATOR_END).y, flatness);
  float beyond = cos(k * p.y) * sag(k, p.x);
  return vec3(
    cos(k * p.y) * curl(k, p.x),
    curl(k, p.y - middle) + beyond * sin(k * middle),
    front - sag(k, p.y - middle) - beyond * cos(k * middle));
}

/** Place on the picture, some way lifted towards the eye. */
vec4 bent(float lambda, float phi, float lift) {
  vec3 q = mix(curled(uMaps.x, uFlatness.x, lambda, phi), curled(uMaps.y, uFlatness.y, lambda, phi), uSecond);
  float w = (EYE - q.z) / FOCUS;
  return vec4((q.xy * uScale + uAnchor * w) / (0.5 * uSize), -w * (q.z + lift) / 8.0, w);
}

/** Longitude from the middle meridian. */
float fromMiddle(vec3 r) {
  float lambda = atan(r.y, r.x) - uCentre.x;
  return lambda - 2.0 * PI * floor(lambda / (2.0 * PI) + 0.5);
}
`;

/** Corners of the sheet: longitude from the middle meridian, latitude. */
export const SHEET_VERTEX = /* glsl */ `
precision highp float;
precision highp int;
${BEND_GLSL}
in vec2 place;
out vec3 vDirection;
void main() {
  float along = uCentre.x + place.x;
  vDirection = vec3(cos(place.y) * cos(along), cos(place.y) * sin(along), sin(place.y));
  gl_Position = bent(place.x, place.y, 0.0);
}
`;
