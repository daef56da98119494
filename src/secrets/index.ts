export { hasSecrets, isOnlyPath, keptSecrets, readMeta, requirePaths, secretPaths } from './items.ts';
export { prepareSecrets, type SecretChange } from './prepare.ts';
export { removeSecrets, writeSecrets } from './write.ts';
