/** Key presses of a whole page. It must never hold an old press: the newest drawing's is called. */
import { useEffect, useRef } from 'react';

export function useKeys(press: (event: KeyboardEvent) => void): void {
  const held = useRef(press);
  held.current = press;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => held.current(event);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
}
