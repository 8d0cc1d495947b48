/** Where followed people were in the last ten minutes. It must never keep anybody whose grant has ended. */
import type { Position } from '../protocol/frames';

export const TRAIL_S = 600;

export interface Track {
  readonly now: Position;
  readonly trail: readonly Position[];
}

/** More than this moved since the last whole copy: the next is made. */
const MOST_FRESH = 500;

/** Tracks by subject, a value like any other: what is made from it leaves it as it is. Whoever moved lately lies over the rest,
 * for copying thousands of people five times a second to move eighty would be most of what a screen throws away. */
export class Tracks implements Iterable<readonly [string, Track]> {
  constructor(
    private readonly rest: ReadonlyMap<string, Track> = new Map(),
    private readonly fresh: ReadonlyMap<string, Track> = new Map(),
  ) {}

  get(subject: string): Track | undefined {
    return this.fresh.get(subject) ?? this.rest.get(subject);
  }

  [Symbol.iterator](): Iterator<readonly [string, Track]> {
    return this.whole()[Symbol.iterator]();
  }

  /** With these positions added; an older one than what is held adds nothing. */
  moved(positions: readonly Position[]): Tracks {
    const fresh = new Map(this.fresh);
    for (const position of positions) {
      const known = fresh.get(position.subject) ?? this.rest.get(position.subject);
      if (known && position.t <= known.now.t) continue;
      fresh.set(position.subject, { now: position, trail: [...young(known?.trail ?? [], position.t - TRAIL_S), position] });
    }
    const made = new Tracks(this.rest, fresh);
    return fresh.size > MOST_FRESH ? new Tracks(made.whole()) : made;
  }

  /** Only those of these subjects. */
  only(subjects: ReadonlySet<string>): Tracks {
    return new Tracks(new Map([...this].filter(([subject]) => subjects.has(subject))));
  }

  /** Without these subjects: neither where they are nor where they were. */
  without(subjects: ReadonlySet<string>): Tracks {
    return new Tracks(new Map([...this].filter(([subject]) => !subjects.has(subject))));
  }

  private whole(): ReadonlyMap<string, Track> {
    const all = new Map(this.rest);
    this.fresh.forEach((track, subject) => all.set(subject, track));
    return all;
  }
}

/** What of a trail is not older than that; it lies in the order of its times. */
function young(trail: readonly Position[], oldest: number): readonly Position[] {
  const from = trail.findIndex((one) => one.t >= oldest);
  return from < 0 ? [] : from === 0 ? trail : trail.slice(from);
}
