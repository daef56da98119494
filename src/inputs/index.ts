export { type Bake, comparing, type Limit, type PrometheusRule, USUAL } from './bake.ts';
export { readCheckout } from './checkout.ts';
export { type EnvironmentName, untrustedEvents } from './choices.ts';
export { COMMAND_WORDS, type Command, commands } from './commands.ts';
export { confine, findConfig, readInside, readSourceFile, type SourceFile } from './confine.ts';
export { type Fingerprint, fingerprintText, parseFingerprint } from './fingerprint.ts';
export { type AskedHook, type Hook, type HookKind, hooksOf, hookText } from './hooks.ts';
export { type HttpCheck, type Wanted, withoutQuery } from './http-checks.ts';
export { cacheType, deployedSuffix, readAttributes } from './image-values.ts';
export { type ImageVariables, takesTag } from './image-variables.ts';
export { CI_VARIABLES, unknownInputs } from './names.ts';
export { requireTerminal } from './offered.ts';
export { isFilePath } from './pem.ts';
export { configInputs, githubToken, givenTexts, isGiven, type Layers, readInputs, readLayers } from './read.ts';
export { camelCase } from './reader.ts';
export { readWebhook } from './run.ts';
export { readSecretName, type SecretName } from './secret-names.ts';
export { secretValues, unreadSecrets } from './secret-values.ts';
export { DESCRIBED, INPUTS, type InputName, inputNames, isInput, optionNames } from './table/index.ts';
export type {
  BuildInputs,
  FromFile,
  IdTokenSource,
  ImageInputs,
  Inputs,
  JobInputs,
  OwnInput,
  RunInputs,
  Sourced,
  TestCommand,
  TlsInputs,
  Webhook,
} from './types.ts';
export { MERGED_PLAN, parseBoolean } from './values.ts';
export { type AskedWaves, readAskedWaves, readWaves } from './waves.ts';
export { readWorkflowUses, usesIn } from './workflows.ts';
export { type BuildFiles, type FragmentKind, findFiles, type RepositoryFiles, type SpecPath, wholeJob } from './workspace.ts';
