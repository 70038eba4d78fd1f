import { Button, PasswordInput, Textarea } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { errorText, fieldId } from './fields.tsx';
import classes from './secret-field.module.css';

export interface SecretFieldProps {
  name: string;
  label: string;
  /** What is typed now; never what is stored. */
  value: string;
  onChange: (value: string) => void;
  onBlur?: () => void;
  error?: string | undefined;
  help?: ReactNode;
  /** True when a value is stored. */
  isStored: boolean;
  /** Where stored values are kept. */
  storage: 'keychain' | 'session';
  onForget: () => void;
  /** For keys in PEM form. */
  isMultiline?: boolean;
}

/** A secret: it can be revealed while it is typed, is never filled in from the store, and says where it is kept. Stored ones can be replaced or forgotten. */
export function SecretField(props: SecretFieldProps) {
  const [isReplacing, setReplacing] = useState(false);
  if (props.isStored && !isReplacing && props.value === '' && props.error === undefined) {
    return <StoredSecret {...props} onReplace={() => setReplacing(true)} />;
  }
  const shared = {
    id: fieldId(props.name),
    label: props.label,
    value: props.value,
    onBlur: props.onBlur,
    error: errorText(props.error),
    description: props.error === undefined ? (props.help ?? WHERE_TO[props.storage]) : undefined,
    inputWrapperOrder: [...WRAPPER_ORDER],
    autoComplete: 'off',
    spellCheck: false,
    autoFocus: isReplacing,
  };
  if (props.isMultiline === true) {
    return <Textarea {...shared} rows={5} onChange={(event) => props.onChange(event.currentTarget.value)} />;
  }
  return (
    <PasswordInput
      {...shared}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      visibilityToggleButtonProps={{ 'aria-label': `Show or hide: ${props.label}`, tabIndex: 0 }}
    />
  );
}

function StoredSecret(props: SecretFieldProps & { onReplace: () => void }) {
  return (
    <div role="group" aria-label={props.label}>
      <span className={classes.label}>{props.label}</span>
      <div className={classes.stored}>
        <IconKey size={16} aria-hidden className={classes.icon} />
        <span className={classes.where}>{WHERE_IS[props.storage].short}</span>
        <Button id={fieldId(props.name)} size="compact-sm" variant="default" onClick={props.onReplace}>
          Replace
        </Button>
        <Button size="compact-sm" variant="default" onClick={props.onForget}>
          Forget
        </Button>
      </div>
      <span className={classes.help}>{WHERE_IS[props.storage].long}</span>
    </div>
  );
}

const WRAPPER_ORDER = ['label', 'input', 'description', 'error'] as const;
const WHERE_IS = {
  keychain: { short: 'Stored', long: 'Stored in the system keychain.' },
  session: {
    short: 'Stored',
    long: 'Kept for this session only and forgotten when the app closes: the system keychain is not available.',
  },
} as const;
const WHERE_TO = {
  keychain: 'Stored in the system keychain once it is used.',
  session: 'Kept for this session only: the system keychain is not available.',
} as const;
