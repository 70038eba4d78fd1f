import { Button } from '@mantine/core';
import { chooseFile } from '../api/app.ts';
import { TextField, type FieldProps } from '../ui/fields.tsx';
import classes from './file-field.module.css';

/** A path that can be typed or chosen in the system's dialog. */
export function FileField(props: FieldProps & { dialogTitle: string; extensions: readonly string[] }) {
  const { dialogTitle, extensions, ...field } = props;
  const choose = async () => {
    const path = await chooseFile(dialogTitle, [...extensions]).catch(() => null);
    if (path !== null) props.onChange(path);
  };
  return (
    <div className={classes.row}>
      <div className={classes.field}>
        <TextField {...field} />
      </div>
      <Button variant="default" className={classes.button} onClick={() => void choose()} aria-label={dialogTitle}>
        Choose...
      </Button>
    </div>
  );
}
