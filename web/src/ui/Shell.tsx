/** What every screen stands in: theme, language, the exercise band. It must never show an exercise without saying so. */
import { MantineProvider, useMantineColorScheme } from '@mantine/core';
import { createContext, type ReactNode, useCallback, useContext } from 'react';
import type { Site } from '../protocol/http';
import { ExerciseBand } from './ExerciseBand';
import { resolver, theme } from './theme';
import { Speaking } from './text';

const SiteContext = createContext<Site | null>(null);

/** What this installation says of itself; null until it has answered. */
export function useSite(): Site | null {
  return useContext(SiteContext);
}

function nonce(): string {
  return document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? '';
}

export function Shell({ site, children }: { readonly site: Site | null; readonly children: ReactNode }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={resolver} defaultColorScheme="auto" getStyleNonce={nonce}>
      <Speaking>
        <SiteContext value={site}>
          <ExerciseBand site={site} />
          {children}
        </SiteContext>
      </Speaking>
    </MantineProvider>
  );
}

/** Day or night, and turning it. */
export function useDaylight(): { readonly night: boolean; readonly turn: () => void } {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const night =
    colorScheme === 'dark' || (colorScheme === 'auto' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  const turn = useCallback(() => setColorScheme(night ? 'light' : 'dark'), [night, setColorScheme]);
  return { night, turn };
}
