import type { ExecSession } from '../nomad/index.ts';
import type { Connection } from '../runtime/runtime.ts';

/** The end of a connection through a task. */
export interface Relayed {
  /** The exit code of the program in the task; 0 when the program of this machine has left. */
  readonly code: number;
  /** The last words of the program in the task. */
  readonly words: string;
}

const MAX_WORDS = 4_096;

/** Passes on the bytes of a connection, and the end of each side. Resolves when both are at their end; rejects when the session breaks. Ends both. */
export async function relay(connection: Connection, session: ExecSession): Promise<Relayed> {
  let [words, gone] = ['', false];
  const leave = (): void => {
    gone = true;
    session.close();
  };
  const up = (async () => {
    for await (const bytes of connection.input) await session.send(bytes);
    await session.endInput();
  })();
  // A connection that breaks has no more use of the session.
  up.catch(leave);
  try {
    for (;;) {
      const next = await session.output.next();
      if (next.done === true) {
        if (next.value === 0) connection.end();
        else connection.destroy();
        return { code: next.value, words: words.trim() };
      }
      const { stream, bytes } = next.value;
      if (stream === 'stderr') words = `${words}${bytes.toString('utf8')}`.slice(-MAX_WORDS);
      else if (!(await connection.write(bytes))) leave();
    }
  } catch (error) {
    connection.destroy();
    if (gone) return { code: 0, words: '' };
    throw error;
  } finally {
    session.close();
  }
}
