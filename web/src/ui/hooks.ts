/** Reading stores and the time from components. It must never start a timer a component. */
import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
import { localNow } from '../state/time';
import type { Store } from '../state/store';

export function useStore<S>(store: Store<S>): S {
  return useSyncExternalStore(store.subscribe, store.get);
}

const TICK_MS = 250;
const listeners = new Set<() => void>();
let now = localNow();
let timer: number | null = null;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // Nobody counted meanwhile: the first to listen must not draw an old second.
  if (timer === null) now = localNow();
  timer ??= window.setInterval(() => {
    now = localNow();
    listeners.forEach((one) => one());
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== null) {
      window.clearInterval(timer);
      timer = null;
    }
  };
}

/** Local seconds, whole: drawn anew with each. */
export function useLocalSecond(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(now));
}

/** What `read` makes of local seconds: drawn anew only when that is another value, not with every second. */
export function useSaid<T extends string | number | boolean | null>(read: (local: number) => T): T {
  return useSyncExternalStore(subscribe, () => read(now));
}

/** One handler for good that does what the newest drawing means by it; never called while drawing. */
export function useHandler<A extends readonly unknown[]>(run: (...said: A) => void): (...said: A) => void {
  const held = useRef(run);
  held.current = run;
  return useCallback((...said: A) => held.current(...said), []);
}

/** Does something once a second and draws nothing. */
export function useEachSecond(run: (local: number) => void): void {
  const held = useRef(run);
  held.current = run;
  useEffect(() => {
    let last = Math.floor(now);
    return subscribe(() => {
      if (Math.floor(now) === last) return;
      last = Math.floor(now);
      held.current(last);
    });
  }, []);
}

function narrowQuery(): MediaQueryList {
  return window.matchMedia('(max-width: 60rem)');
}

/** Whether the screen is a narrow one, where columns become tabs. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = narrowQuery();
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => narrowQuery().matches,
  );
}
