import type { ProjectionName } from '../state.ts';
import { EYE, FOCUS, MERCATOR_END, POLAR_END } from './projection.ts';

/** PROJECTION in the shaders. */
export const PROJECTION_NUMBER: Readonly<Record<ProjectionName, number>> = {
  globe: 0,
  equirectangular: 1,
  mercator: 2,
  mollweide: 3,
  polar: 4,
};

const number = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

export const MAP_CONSTANTS_GLSL = /* glsl */ `
#define PI 3.141592653589793
const float EYE = ${number(EYE)};
const float FOCUS = ${number(FOCUS)};
const float MERCATOR_END = ${number(MERCATOR_END)};
const float POLAR_END = ${number(POLAR_END)};
`;

export const MOLLWEIDE_GLSL = /* glsl */ `
/** θ of Mollweide's map of a latitude and its sine. */
float mollweideAngle(float phi, float sine) {
  float theta = phi;
  float target = PI * sine;
  float gap = 1.0 - abs(phi) / (PI / 2.0);
  if (gap < 0.25) theta = sign(phi) * (PI / 2.0 - pow(3.0 * PI * PI * PI * gap * gap / 32.0, 1.0 / 3.0));
  for (int k = 0; k < 5; k++)
    theta -= (2.0 * theta + sin(2.0 * theta) - target) / max(1e-4, 2.0 + 2.0 * cos(2.0 * theta));
  return theta;
}
`;

/**
 * The maps of `projection.ts` for shaders, the one of PROJECTION alone: a renderer without a graphics card runs every branch
 * of a shader, taken or not. uAxes has the camera's axes as rows; uCentre is the longitude in the middle and the sign of the
 * pole; p are the map's own units.
 */
export const PROJECTION_GLSL = /* glsl */ `
${MAP_CONSTANTS_GLSL}
#if PROJECTION == 3
${MOLLWEIDE_GLSL}
#endif
uniform mat3 uAxes;
uniform vec2 uCentre;

vec3 directionAt(float lambda, float phi) {
  float along = uCentre.x + lambda;
  return vec3(cos(phi) * cos(along), cos(phi) * sin(along), sin(phi));
}

/** Direction at a point of the map; false beside it. */
bool fromMap(vec2 p, out vec3 r) {
#if PROJECTION == 0
  float a = dot(p, p) + FOCUS * FOCUS;
  float under = EYE * EYE * FOCUS * FOCUS - a * (EYE * EYE - 1.0);
  float t = (EYE * FOCUS - sqrt(max(0.0, under))) / a;
  r = vec3(t * p, EYE - t * FOCUS) * uAxes;
  return under >= 0.0;
#elif PROJECTION == 4
  float radius = length(p);
  float colatitude = 2.0 * asin(min(1.0, radius / 2.0));
  r = directionAt(atan(p.x, -uCentre.y * p.y), uCentre.y * (PI / 2.0 - colatitude));
  return radius <= 2.0 * sin(POLAR_END / 2.0);
#else
  float lambda = p.x;
  float phi = p.y;
  bool within = true;
#if PROJECTION == 2
  phi = 2.0 * atan(exp(p.y)) - PI / 2.0;
  within = abs(phi) <= MERCATOR_END;
#elif PROJECTION == 3
  float theta = asin(clamp(p.y / sqrt(2.0), -1.0, 1.0));
  lambda = PI * p.x / (2.0 * sqrt(2.0) * max(1e-6, cos(theta)));
  phi = asin(clamp((2.0 * theta + sin(2.0 * theta)) / PI, -1.0, 1.0));
  within = abs(p.y) < sqrt(2.0);
#endif
  r = directionAt(lambda, phi);
  return within && abs(lambda) <= PI && abs(phi) <= PI / 2.0;
#endif
}

/** Point of the map of a direction; the third component is positive where it can be seen. */
vec3 toMap(vec3 r) {
#if PROJECTION == 0
  vec3 q = uAxes * r;
  float size = FOCUS / (EYE - q.z);
  return vec3(size * q.xy, q.z - 1.0 / EYE);
#else
  float lambda = atan(r.y, r.x) - uCentre.x;
  lambda -= 2.0 * PI * floor(lambda / (2.0 * PI) + 0.5);
  float phi = asin(clamp(r.z, -1.0, 1.0));
#if PROJECTION == 1
  return vec3(lambda, phi, 1.0);
#elif PROJECTION == 2
  return vec3(lambda, log(tan(PI / 4.0 + clamp(phi, -MERCATOR_END, MERCATOR_END) / 2.0)), MERCATOR_END - abs(phi));
#elif PROJECTION == 3
  float theta = mollweideAngle(phi, r.z);
  return vec3(2.0 * sqrt(2.0) / PI * lambda * cos(theta), sqrt(2.0) * sin(theta), 1.0);
#else
  float colatitude = PI / 2.0 - uCentre.y * phi;
  float radius = 2.0 * sin(colatitude / 2.0);
  return vec3(radius * sin(lambda), -uCentre.y * radius * cos(lambda), POLAR_END - colatitude);
#endif
#endif
}
`;

/** Panels of the cubed sphere for shaders, as PANEL_AXES of engine/grid/panels.ts has them. */
export const PANELS_GLSL = /* glsl */ `
/** (2/π) atan x for |x| ≤ 1, to 1.6e-7: an odd polynomial, least squares weighted until its largest error is least. */
vec2 quarterTurns(vec2 x) {
  vec2 s = x * x;
  return x * (0.63661730 + s * (-0.21210494 + s * (0.12610039 + s * (-0.08424577 + s * (0.05068946 + s * (-0.02139265 + s * 0.00433637))))));
}

/** Panel of a direction, and its coordinates 0 … 1. */
int panelAt(vec3 r, out vec2 place) {
  vec3 size = abs(r);
  bool isPolar = size.z > max(size.x, size.y);
  bool isX = size.x >= size.y;
  vec3 local = isPolar ? vec3(size.z, r.y, r.z > 0.0 ? -r.x : r.x)
    : isX ? vec3(size.x, r.x > 0.0 ? r.y : -r.y, r.z)
    : vec3(size.y, r.y > 0.0 ? -r.x : r.x, r.z);
  place = quarterTurns(local.yz / local.x) + 0.5;
  return isPolar ? (r.z > 0.0 ? 4 : 5) : isX ? (r.x > 0.0 ? 0 : 2) : (r.y > 0.0 ? 1 : 3);
}
`;
