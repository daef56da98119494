export { watchEnd } from './ending.ts';
export { escapeReader } from './escape.ts';
export { enterTask, type InsideTask, runInside, taskText } from './task.ts';
