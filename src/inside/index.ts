export { type Copied, type Copying, copyIn } from './copy-in.ts';
export { copyOut } from './copy-out.ts';
export { watchEnd } from './ending.ts';
export { escapeReader } from './escape.ts';
export { copyOf } from './places.ts';
export { bytesText, progress } from './progress.ts';
export { noShell } from './scripts.ts';
export { enterTask, type InsideTask, insideOf, runInside, taskText } from './task.ts';
