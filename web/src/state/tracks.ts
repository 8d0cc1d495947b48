/** Where followed people were in the last ten minutes. It must never keep anybody whose grant has ended. */
import type { Position } from '../protocol/frames';

export const TRAIL_S = 600;

export interface Track {
  readonly now: Position;
  readonly trail: readonly Position[];
}

export type Tracks = ReadonlyMap<string, Track>;

/** Tracks with these positions added; an older one than what is held adds nothing. */
export function moved(tracks: Tracks, positions: readonly Position[]): Tracks {
  const next = new Map(tracks);
  for (const position of positions) {
    const known = next.get(position.subject);
    if (known && position.t <= known.now.t) continue;
    const trail = [...(known?.trail ?? []), position].filter((one) => one.t >= position.t - TRAIL_S);
    next.set(position.subject, { now: position, trail });
  }
  return next;
}

/** Only those of these subjects. */
export function only(tracks: Tracks, subjects: ReadonlySet<string>): Tracks {
  return new Map([...tracks].filter(([subject]) => subjects.has(subject)));
}
