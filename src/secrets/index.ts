export { withItemNames } from './blocks.ts';
export { isVariablePath, itemsRead, keptSecrets } from './items.ts';
export { applySecrets, jobSecrets, undoUnlessRegistered } from './job-secrets.ts';
export { publicNames, secretNotes, secretsInJob } from './masking.ts';
export type { SecretChange } from './prepare.ts';
export {
  NO_RELEASE,
  NO_SECRETS,
  NO_TEMPLATE,
  requireScopes,
  type SecretTemplates,
  secretNames,
  secretTemplates,
  variablePath,
  withoutSecrets,
  withTaskTemplates,
} from './templates.ts';
export { forgetVersions, secretNamesOf, secretsOfVersion } from './versions.ts';
export { put, removeSecrets } from './write.ts';
