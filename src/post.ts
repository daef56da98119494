import { cleanUpAfterKill } from './runtime/actions.ts';

await cleanUpAfterKill(process.env);
