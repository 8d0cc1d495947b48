/** The design system's colours and words as a map wants them. */
import type { Palette } from '../map/palette';
import type { Words } from '../map/scene';
import { clockface } from '../state/time';
import { age, metres } from './format';
import type { Text } from './text';
import { DAY, NIGHT, type Tokens } from './tokens';

function palette(name: string, tokens: Tokens): Palette {
  return {
    name, sea: tokens.sea, land: tokens.land, border: tokens.border, place: tokens.place, ink: tokens.ink,
    halo: tokens.land, dim: tokens.dim, banned: tokens.breach, victim: tokens.victim, offender: tokens.offender,
    police: tokens.police, probation: tokens.probation, own: tokens.focus, meet: tokens.ink,
  };
}

export const PALETTES = { day: palette('day', DAY), night: palette('night', NIGHT) } as const;

export function words(t: Text): Words {
  return {
    side: (side) => (side === 'own' ? '' : t.sides[side]),
    age: (seconds) => t.ago(age(t, seconds)),
    silent: (seconds) => t.silentFor(age(t, seconds)),
    eta: (seconds) => `${t.incident.eta} ${clockface(seconds)}`,
    metres: (value) => metres(t, value),
    minutes: (value, assumed) => (assumed ? t.map.minutesWalk(value) : t.map.minutes(value)),
    meets: (callsign, seconds) => t.map.meets(callsign, clockface(seconds)),
  };
}
