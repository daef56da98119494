export { type Kept, keptParts, REGISTRY_PASSWORD, registryLogin, serviceProblems, serviceWarnings } from './service.ts';
export { parseNamedVolume } from './shorthand.ts';
export { BUILT_IN, renderBuiltIn } from './template.ts';
export { declarations, linesAsLists, problemWith, VARIABLES, type Values } from './variables.ts';
