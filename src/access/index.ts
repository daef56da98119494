export { parseBind } from './binds.ts';
export { explainLogin, parseClaims, readLogin } from './explain.ts';
export { doSteps, linesOfSteps } from './show.ts';
export { readFound, type Step, stepsBack, stepsTo } from './steps.ts';
export { terraformOf } from './terraform.ts';
export { type Grant, issuerOf, nameOf, selectorsOf, type Wish, wantedOf } from './wanted.ts';
