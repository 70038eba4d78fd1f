import { VisuallyHidden } from '@mantine/core';

/** Tells screen readers of progress, without being seen. Change `text` rarely: every change is read out. */
export function LiveRegion({ text }: { text: string }) {
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {text}
    </VisuallyHidden>
  );
}
