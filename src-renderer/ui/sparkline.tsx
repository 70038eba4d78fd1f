import { sparklinePoints } from './sparkline-points.ts';
import classes from './sparkline.module.css';

/** A small curve of the values, oldest first. `label` says in words what it shows. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  if (values.length < 2) return null;
  return (
    <svg className={classes.line} viewBox="0 0 120 28" preserveAspectRatio="none" role="img" aria-label={label}>
      <polyline points={sparklinePoints(values, { width: 120, height: 28 })} />
    </svg>
  );
}
