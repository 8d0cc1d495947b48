/** Which grants are to be judged and which hold. It must never leave out one that nobody has judged. */
import type { Grant } from '../../protocol/http';

/** Opened in an emergency and judged by nobody, what is due first. Of those refused only the clock's stand among what is read. */
export function toJudge(grants: readonly Grant[]): readonly Grant[] {
  const due = grants.filter((one) => one.review_by !== null && (one.reviewed_at === null || one.upheld === false));
  return due.sort((a, b) => (a.review_by ?? 0) - (b.review_by ?? 0));
}

/** Whether it lets anybody know anything at `now`. */
export function holds(grant: Grant, now: number): boolean {
  return grant.ended_at === null && grant.starts_at <= now && (grant.ends_at === null || grant.ends_at > now);
}
