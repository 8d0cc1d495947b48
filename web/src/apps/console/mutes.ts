/** Which incidents' sounds are muted on this desk, until when and why. It must never mute longer than two minutes. */
export interface Mute {
  readonly until: number;
  readonly why: string;
}

export const MUTE_S = 120;
export type Mutes = ReadonlyMap<string, Mute>;

export function muted(mutes: Mutes, incident: string, why: string, now: number): Mutes {
  return new Map([...mutes].filter(([, mute]) => mute.until > now)).set(incident, { until: now + MUTE_S, why });
}

/** Seconds a mute still holds; null for what sounds. */
export function left(mutes: Mutes, incident: string, now: number): number | null {
  const mute = mutes.get(incident);
  return mute && mute.until > now ? mute.until - now : null;
}
