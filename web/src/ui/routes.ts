/** Which page this is. It must never put anything of an incident into an address: addresses are kept in histories. */
import { useSyncExternalStore } from 'react';

export const PATHS = { doors: '/', signIn: '/sign-in', console: '/console', field: '/field', access: '/access', roster: '/roster', consent: '/consent' } as const;

const changed = 'jikimi:path';

/** The code a demonstration printed for other machines, as long as this page's address holds it. */
export function doorCode(): string {
  return new URLSearchParams(window.location.search).get('code') ?? '';
}

/** An address of ours with that code, so that whoever came with it finds the doors again. */
export function withCode(path: string): string {
  const code = doorCode();
  return code === '' ? path : `${path}${path.includes('?') ? '&' : '?'}code=${encodeURIComponent(code)}`;
}

export function go(path: string): void {
  window.history.pushState(null, '', withCode(path));
  window.dispatchEvent(new Event(changed));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(changed, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(changed, listener);
  };
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => window.location.pathname);
}

/** The page a role works on; null for a role without one. */
export function homeOf(role: string): string | null {
  if (role === 'dispatcher' || role === 'monitor') return PATHS.console;
  if (role === 'reviewer' || role === 'registrar' || role === 'supporter') return PATHS.access;
  return role === 'police_officer' || role === 'probation_officer' ? PATHS.field : null;
}
