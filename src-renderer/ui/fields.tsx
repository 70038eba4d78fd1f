import { Autocomplete, Checkbox, Radio, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useId, type ClipboardEvent, type ReactNode } from 'react';
import classes from './fields.module.css';

/** What every field shares. `name` is the key in the form: focusField(name) finds the field by it. */
export interface FieldProps {
  name: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Called when the field is left: check it then. */
  onBlur?: () => void;
  /** Shown below in place of the help, and read out. */
  error?: string | undefined;
  help?: ReactNode;
  /** An example. */
  placeholder?: string;
  isRequired?: boolean;
  isDisabled?: boolean;
}

/** One line of text: `<TextField {...form.field('host')} label="Host" placeholder="..." />`. */
export function TextField(
  props: FieldProps & { onPaste?: (text: string) => void; width?: number; isNumeric?: boolean },
) {
  const onPaste = (event: ClipboardEvent) => props.onPaste?.(event.clipboardData.getData('text/plain'));
  return (
    <TextInput
      {...commonProps(props)}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      onPaste={props.onPaste === undefined ? undefined : onPaste}
      inputMode={props.isNumeric === true ? 'numeric' : undefined}
      maw={props.width}
      spellCheck={false}
      autoCapitalize="off"
      autoComplete="off"
    />
  );
}

/** Several lines of text. */
export function TextAreaField(props: FieldProps & { rows?: number }) {
  return (
    <Textarea
      {...commonProps(props)}
      rows={props.rows ?? 4}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      spellCheck={false}
      classNames={{ input: classes.mono }}
    />
  );
}

/** Text with suggestions from a list; anything else can be typed too. */
export function SuggestField(props: FieldProps & { options: readonly string[]; isLoading?: boolean }) {
  return (
    <Autocomplete
      {...commonProps(props)}
      data={[...new Set(props.options)]}
      limit={200}
      maxDropdownHeight={260}
      onChange={props.onChange}
      rightSection={props.isLoading === true ? <span className={classes.loading}>...</span> : undefined}
      spellCheck={false}
    />
  );
}

export interface FieldOption<Value extends string = string> {
  value: Value;
  label: string;
}

/** One of a list, in a drop-down. */
export function SelectField(props: FieldProps & { options: readonly FieldOption[]; isSearchable?: boolean }) {
  return (
    <Select
      {...commonProps(props)}
      value={props.value === '' ? null : props.value}
      data={props.options.map((option) => ({ ...option }))}
      searchable={props.isSearchable ?? false}
      onChange={(value) => value !== null && props.onChange(value)}
    />
  );
}

/** One of two to four, all visible. */
export function SegmentField(props: FieldProps & { options: readonly FieldOption[] }) {
  const id = useId();
  return (
    <div className={classes.segment}>
      <span id={id} className={classes.label}>
        {props.label}
      </span>
      <SegmentedControl
        aria-labelledby={id}
        value={props.value}
        onChange={props.onChange}
        data={props.options.map((option) => ({ ...option }))}
        disabled={props.isDisabled ?? false}
      />
      {props.help !== undefined && <span className={classes.help}>{props.help}</span>}
    </div>
  );
}

/** One of a few, each with a sentence. */
export function RadioField(props: FieldProps & { options: readonly (FieldOption & { help?: ReactNode })[] }) {
  return (
    <Radio.Group
      label={props.label}
      description={props.error === undefined ? props.help : undefined}
      error={errorText(props.error)}
      value={props.value}
      onChange={props.onChange}
    >
      <div className={classes.radios}>
        {props.options.map((option, index) => (
          <Radio
            key={option.value}
            id={index === 0 ? fieldId(props.name) : undefined}
            value={option.value}
            label={option.label}
            description={option.help}
            disabled={props.isDisabled ?? false}
          />
        ))}
      </div>
    </Radio.Group>
  );
}

/** Yes or no. */
export function CheckboxField(props: {
  name: string;
  label: string;
  help?: ReactNode;
  isChecked: boolean;
  isDisabled?: boolean;
  onChange: (isChecked: boolean) => void;
}) {
  return (
    <Checkbox
      id={fieldId(props.name)}
      label={props.label}
      description={props.help}
      checked={props.isChecked}
      disabled={props.isDisabled ?? false}
      onChange={(event) => props.onChange(event.currentTarget.checked)}
    />
  );
}

/** A titled group of fields, one below the other. */
export function FormSection(props: { title: string; lead?: ReactNode; side?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div className={classes.sectionHead}>
        <h2 id={id} className={classes.sectionTitle}>
          {props.title}
        </h2>
        {props.side}
      </div>
      {props.lead !== undefined && <p className={classes.sectionLead}>{props.lead}</p>}
      <div className={classes.stack}>{props.children}</div>
    </section>
  );
}

/** Fields side by side where there is room. */
export function FieldRow({ children }: { children: ReactNode }) {
  return <div className={classes.fieldRow}>{children}</div>;
}

/** Moves the focus to a field; false when it is not on the page. */
export function focusField(name: string): boolean {
  const element = document.getElementById(fieldId(name));
  element?.focus();
  return element !== null;
}

export function fieldId(name: string): string {
  return `field-${name}`;
}

/** The error below a field: read out when it appears. */
export function errorText(error: string | undefined): ReactNode {
  return error === undefined ? undefined : <span role="alert">{error}</span>;
}

function commonProps(props: FieldProps) {
  return {
    id: fieldId(props.name),
    label: props.label,
    value: props.value,
    onBlur: props.onBlur,
    error: errorText(props.error),
    description: props.error === undefined ? props.help : undefined,
    placeholder: props.placeholder,
    disabled: props.isDisabled ?? false,
    withAsterisk: false,
    'aria-required': props.isRequired ?? false,
    inputWrapperOrder: [...WRAPPER_ORDER],
  };
}

const WRAPPER_ORDER = ['label', 'input', 'description', 'error'] as const;
