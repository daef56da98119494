export { hasSecrets, isOnlyPath, keptSecrets, requirePaths, secretPaths, secretsRead } from './items.ts';
export { prepareSecrets, type SecretChange } from './prepare.ts';
export { removeSecrets, writeSecrets } from './write.ts';
