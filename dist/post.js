import { n as cleanUpAfterKill } from "./actions.js";
// src/post.ts
await cleanUpAfterKill();
export {};
