import { CopyButton } from './copy-button.tsx';
import classes from './copy-block.module.css';

/** Text in fixed-width letters with a copy button: SQL, IAM policies, raw error text. `label` says what it is: "Role policy". */
export function CopyBlock({ label, text, maxHeight = 240 }: { label: string; text: string; maxHeight?: number }) {
  return (
    <figure className={classes.block}>
      <figcaption className={classes.bar}>
        <span>{label}</span>
        <CopyButton text={text} what={label} />
      </figcaption>
      <pre className={classes.text} style={{ maxHeight }} tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
    </figure>
  );
}
