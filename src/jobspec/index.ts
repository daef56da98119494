export { withBlueGreen } from './blue-green.ts';
export { eject } from './eject.ts';
export { foreignTemplates } from './foreign.ts';
export { imagesOf, imageValues, requireDeclared, requireOneEach } from './image-variables.ts';
export {
  CHECKS,
  type Finding,
  findingsOf,
  LINTS,
  type LintReport,
  lintSpec,
  type Rule,
  requireLints,
} from './lint/index.ts';
export { specLocation } from './locate.ts';
export { askedCount, isOpen, type Preserve } from './open-counts.ts';
export { requireAllowed, unknownArguments } from './policy/index.ts';
export {
  firstTaken,
  isProvisional,
  provisionalImage,
  provisionalImages,
  requireFinalId,
  requireSameId,
  unknowable,
  withoutZeros,
} from './provisional.ts';
export { renderJobspec } from './render.ts';
export { regionOf, settingLines, settings } from './settings.ts';
export { hidingSecrets, hidingValues, looksGenerated, namesSecret } from './shown-values.ts';
export { readSpecFile } from './spec-file.ts';
export type { FileValue, Jobspec, Rendering, Setting, SpecFile } from './types.ts';
export { evaluateVarFiles, readVarFiles } from './var-files.ts';
export { automaticValues, givenValues, sourceLocation } from './variable-values.ts';
export { writtenVolumes } from './written-volumes.ts';
