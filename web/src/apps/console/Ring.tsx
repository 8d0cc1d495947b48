/** A deadline as a ring that empties; the words beside it say the same. */
export function Ring({ share, size = 18 }: { readonly share: number; readonly size?: number }) {
  const round = 2 * Math.PI * 6;
  const full = Math.min(1, Math.max(0, share));
  return (
    <svg className="c-ring" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeOpacity="0.3" strokeWidth="3" />
      <circle
        cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="3" transform="rotate(-90 8 8)"
        strokeDasharray={`${(full * round).toFixed(1)} ${round.toFixed(1)}`}
      />
    </svg>
  );
}
