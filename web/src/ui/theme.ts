/** Mantine in our tokens: sizes, type, focus. It must never set a text smaller than 14 px. */
import { createTheme, type CSSVariablesResolver } from '@mantine/core';
import { DAY, NIGHT, variables } from './tokens';

export const FONT = "'Pretendard Variable', Pretendard, 'Noto Sans KR', 'Apple SD Gothic Neo', system-ui, sans-serif";

export const theme = createTheme({
  fontFamily: FONT,
  fontFamilyMonospace: FONT,
  fontSizes: { xs: '0.875rem', sm: '0.9375rem', md: '1rem', lg: '1.125rem', xl: '1.25rem' },
  colors: { dark: ['#e9ebee', '#cfd4da', '#bcc3cb', '#9aa2ac', '#7b838d', '#565d66', '#2a2d32', '#26292e', '#202327', '#1a1c20'] },
  primaryColor: 'gray',
  primaryShade: { light: 8, dark: 2 },
  autoContrast: true,
  defaultRadius: 'sm',
  respectReducedMotion: true,
  focusRing: 'always',
  cursorType: 'pointer',
});

export const resolver: CSSVariablesResolver = () => ({
  variables: {},
  light: { ...variables(DAY), ...mantine(DAY) },
  dark: { ...variables(NIGHT), ...mantine(NIGHT) },
});

function mantine(tokens: typeof DAY): Record<string, string> {
  return {
    '--mantine-color-body': tokens.page,
    '--mantine-color-text': tokens.ink,
    '--mantine-color-dimmed': tokens.dim,
    '--mantine-color-placeholder': tokens.dim,
    '--mantine-color-default': tokens.raised,
    '--mantine-color-default-color': tokens.ink,
    '--mantine-color-default-hover': tokens.panel,
    '--mantine-color-default-border': tokens.line,
    '--mantine-color-error': tokens.breach,
  };
}
