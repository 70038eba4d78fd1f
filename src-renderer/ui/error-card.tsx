import { Button } from '@mantine/core';
import type { ErrorValue } from '#shared/errors/app-error';
import type { ReactNode } from 'react';
import { CopyBlock } from './copy-block.tsx';
import { CopyButton } from './copy-button.tsx';
import { Disclosure } from './disclosure.tsx';
import { errorText } from './error-text.ts';
import { StatusIcon } from './status-badge.tsx';
import classes from './notice.module.css';

/**
 * An error in words: what happened, what to do, and the raw text on demand. It is announced when it appears.
 *
 *     {test.error && <ErrorCard error={errorValueOf(test.error)} onRetry={runTest} />}
 */
export function ErrorCard(props: {
  error: ErrorValue;
  onRetry?: () => void;
  retryLabel?: string;
  actions?: ReactNode;
}) {
  const { error, onRetry, retryLabel = 'Try again', actions } = props;
  const isTextual = error.message !== '' && error.message !== error.title;
  return (
    <div className={classes.notice} data-tone="failed" role="alert">
      <StatusIcon tone="failed" size={20} />
      <div className={classes.body}>
        <strong>{error.title}</strong>
        {isTextual && <p>{error.message}</p>}
        {error.advice !== '' && <p className={classes.advice}>{error.advice}</p>}
        <ErrorDetails error={error} />
        {(onRetry !== undefined || actions !== undefined) && (
          <div className={classes.actions}>
            {onRetry !== undefined && (
              <Button size="xs" variant="default" onClick={onRetry}>
                {retryLabel}
              </Button>
            )}
            {actions}
          </div>
        )}
      </div>
    </div>
  );
}

/** The raw parts of an error, closed at first, with a button that copies everything that is known of it. */
export function ErrorDetails({ error }: { error: ErrorValue }) {
  return (
    <Disclosure label="Details">
      <p className={classes.code}>
        Error code: {error.code} <CopyButton text={errorText(error)} what="details" isNamed />
      </p>
      {error.queryId !== null && <p className={classes.code}>Query id: {error.queryId}</p>}
      {error.raw !== null && <CopyBlock label="Raw text" text={error.raw} />}
      {error.statement !== null && <CopyBlock label="Statement" text={error.statement} />}
    </Disclosure>
  );
}
