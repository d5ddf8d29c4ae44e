export interface ProgressBarProps {
  /** 0 to 1; null while it is unknown. */
  value: number | null;
  label: string;
}

/** Striped while work is under way; the stripes stand still with reduced motion. */
export function ProgressBar({ value, label }: ProgressBarProps) {
  const percent = value === null ? null : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div
      className={`progress ${percent === null ? 'progress-unknown' : ''}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent ?? undefined}
    >
      <span style={{ width: `${percent ?? 100}%` }} />
    </div>
  );
}
