export { watchEnd } from './ending.ts';
export { escapeReader } from './escape.ts';
export { enterTask, type InsideTask, requireTerminal, runInside, taskText } from './task.ts';
