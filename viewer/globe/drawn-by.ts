import { isSoftwareRenderer } from '../../engine/backends/software-renderer.ts';

/** Finds out whether a processor plays the graphics card, so that every effect costs time. */
export function noteRenderer(gl: WebGL2RenderingContext): void {
  const extension = gl.getExtension('WEBGL_debug_renderer_info');
  const name = extension ? String(gl.getParameter(extension.UNMASKED_RENDERER_WEBGL)) : '';
  document.documentElement.dataset.renderer = isSoftwareRenderer(name) ? 'software' : 'graphics-card';
}

/** Whether a processor plays the graphics card. */
export const isSoftware = (): boolean => document.documentElement.dataset.renderer === 'software';
