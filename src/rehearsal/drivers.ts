/** The drivers whose tasks a rehearsal runs. */
export const DRIVERS: readonly string[] = ['docker', 'podman'];
