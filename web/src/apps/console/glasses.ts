/** Files this desk opened in an emergency, and until when. It must never show one as open past its time. */
export interface Glass {
  readonly subject: string;
  /** Desk time, Unix seconds. */
  readonly until: number;
}

/** With one more; the same person's older one is replaced, what is over is forgotten. */
export function opened(glasses: readonly Glass[], one: Glass, now: number): readonly Glass[] {
  return [...standing(glasses, now).filter((each) => each.subject !== one.subject), one];
}

/** Without one that turned out to be closed. */
export function closed(glasses: readonly Glass[], subject: string): readonly Glass[] {
  return glasses.some((one) => one.subject === subject) ? glasses.filter((one) => one.subject !== subject) : glasses;
}

/** What is open at `now`. */
export function standing(glasses: readonly Glass[], now: number): readonly Glass[] {
  return glasses.filter((one) => one.until > now);
}
