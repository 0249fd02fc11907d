// Which file system is meant, as the engine wants it said.
import type { Snapshot } from '../engine/pkg/bottleship.js';

const NONE: Snapshot = { build: undefined, step: undefined, image: undefined, layer: undefined };

export const afterStep = (build: number, step: number): Snapshot => ({ ...NONE, build, step });

/** Up to and with a layer, from 0; -1 is the empty one below the first. */
export const ofLayer = (image: string, layer: number): Snapshot => ({ ...NONE, image, layer });

export const ofImage = (image: string): Snapshot => ({ ...NONE, image });
