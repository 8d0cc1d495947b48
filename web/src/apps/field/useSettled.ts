/** Whether what is shown has stood long enough to be meant: a second tap of one thumb must not answer what came under it. */
import { useEffect, useState } from 'react';

export const SETTLE_MS = 700;

export function useSettled(what: unknown): boolean {
  const [settled, setSettled] = useState<unknown>(undefined);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(what), SETTLE_MS);
    return () => window.clearTimeout(timer);
  }, [what]);
  return settled === what;
}
