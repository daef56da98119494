export { nameOfItem } from './hcl-job.ts';
export { type OfflineJob, readOffline } from './read.ts';
