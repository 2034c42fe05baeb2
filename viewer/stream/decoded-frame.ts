/**
 * A frame as it is drawn: codes of all its frame tiles, layer after layer, MISSING where a tile was not sent. On the globe a
 * layer has a line of its neighbours' cells around its tile; on a plane it is the tile alone.
 */
export interface DecodedFrame {
  readonly id: number;
  readonly run: string;
  readonly field: string;
  readonly step: number;
  readonly seconds: number;
  readonly level: number;
  readonly cellsX: number;
  readonly cellsY: number;
  readonly tileX: number;
  readonly tileY: number;
  readonly panels: number;
  readonly layerX: number;
  readonly layerY: number;
  /** Values of codes 0 and LARGEST_CODE. */
  readonly low: number;
  readonly high: number;
  readonly codes: Uint16Array;
  /** When the gateway took it from the run [ms since 1970 of its clock]. */
  readonly captured: number;
  /** It took so long to decode [ms]. */
  readonly decoding: number;
}
