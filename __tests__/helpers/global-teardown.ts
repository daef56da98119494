/** Stops what global-setup.ts started, after the last test of the jest run. */
export { stopAll as default } from '../../scripts/parts/state.ts';
