/** Reading stores and the time from components. It must never start a timer a component. */
import { useSyncExternalStore } from 'react';
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

/** Local seconds, anew four times a second; one timer for the whole page. */
export function useLocalNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** The same in whole seconds: a component that shows seconds is drawn once a second. */
export function useLocalSecond(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(now));
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
