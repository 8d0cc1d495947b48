/** What alerts are called in this language: as the alert said it, or as the catalogue's code alone. */
import type { AlertBody } from '../../protocol/frames';
import type { Language } from '../../ui/text';

export function alertName(alert: AlertBody | undefined, language: Language): string {
  if (!alert) return '';
  return language === 'ko' ? alert.name_ko : alert.name_en;
}
