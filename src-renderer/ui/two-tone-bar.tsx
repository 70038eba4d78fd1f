import classes from './two-tone-bar.module.css';

/** Progress in two tones: `extracted` and, of that, `loaded`, both of `total`. `label` says it in words for screen readers. */
export function TwoToneBar(props: { extracted: number; loaded: number; total: number; label: string }) {
  const percent = (value: number) => `${props.total === 0 ? 0 : Math.min(100, (100 * value) / props.total)}%`;
  return (
    <div
      className={classes.bar}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={props.total}
      aria-valuenow={Math.min(props.loaded, props.total)}
      aria-valuetext={props.label}
    >
      <span className={classes.extracted} style={{ width: percent(props.extracted) }} />
      <span className={classes.loaded} style={{ width: percent(props.loaded) }} />
    </div>
  );
}
