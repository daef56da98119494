import { installed } from './docker.ts';

/** Installs the programs by which a tunnel can connect, from the machine's packages where they are not on PATH. */
export const connectorsInstalled = (): Promise<void> =>
  installed({ socat: 'socat', nc: 'netcat-openbsd', perl: 'perl', python3: 'python3' });
