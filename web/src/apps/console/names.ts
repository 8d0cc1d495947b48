/** What alerts are called in this language and why they were raised. It must never name one alert and explain another. */
import type { AlertBody } from '../../protocol/frames';
import type { Sight } from '../../protocol/http';
import type { Saying } from '../../state/room';
import { metres } from '../../ui/format';
import type { Language, Text } from '../../ui/text';

/** The alert a row stands for: the newest of its code. */
export function alertOf(said: readonly Saying[], sight: Sight): AlertBody | undefined {
  const alerts = said.flatMap(({ message }) => (message.kind === 'alert' ? [message.body] : []));
  return alerts.filter((one) => one.code === sight.code).at(-1);
}

export function alertName(alert: AlertBody | undefined, language: Language): string {
  if (!alert) return '';
  return language === 'ko' ? alert.name_ko : alert.name_en;
}

/** Rules that speak of a ring, whose radius belongs into the sentence. */
const INSIDE = new Set(['already-inside', 'glimpse', 'late-breach', 'ring', 'settled-breach', 'suspect']);

/** Why, in one sentence; empty where nothing was said. A rule newer than this screen is named, not hidden. */
export function reasonOf(t: Text, alert: AlertBody | undefined): string {
  const { rule, radius_m: radius } = alert?.reason ?? {};
  if (typeof rule !== 'string') return '';
  const said = rule in t.reasons ? t.reasons[rule as keyof Text['reasons']] : t.incident.rule(rule);
  return INSIDE.has(rule) && typeof radius === 'number' ? `${metres(t, radius)} · ${said}` : said;
}
