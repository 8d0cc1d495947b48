/** One act at a time: busy, done or refused with a sentence; afterwards everything is read anew. It must never do it twice. */
import { useState } from 'react';
import { Refusal } from '../protocol/http';
import type { Text } from './text';

export interface Doing {
  readonly busy: boolean;
  readonly said: string | null;
  readonly refused: boolean;
  readonly run: (act: () => Promise<string | null>) => void;
}

function sentence(t: Text, error: unknown, conflict: string): string {
  const status = error instanceof Refusal ? error.status : 0;
  if (status === 403) return t.roster.refusals.forbidden;
  return status === 409 || status === 404 || status === 400 ? conflict : t.roster.refusals.failed;
}

/** `act` returns what to say when it is done; `conflict` is said where the desk will not have it. */
export function useDoing(t: Text, onDone: () => void, conflict: string = t.roster.refusals.conflict): Doing {
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<{ readonly said: string | null; readonly refused: boolean }>({ said: null, refused: false });
  const run = (act: () => Promise<string | null>) => {
    if (busy) return;
    setBusy(true);
    act()
      .then((said) => setTold({ said, refused: false }), (error: unknown) => setTold({ said: sentence(t, error, conflict), refused: true }))
      .finally(() => {
        setBusy(false);
        onDone();
      });
  };
  return { busy, ...told, run };
}
