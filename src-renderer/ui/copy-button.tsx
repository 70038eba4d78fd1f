import { Button } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { copyText } from './copy-text.ts';

/** Copies `text`, and says so for two seconds. `what` completes the label for screen readers, and for everybody with `isNamed`: "Copy policy". */
export function CopyButton({ text, what, isNamed = false }: { text: string; what: string; isNamed?: boolean }) {
  const [outcome, setOutcome] = useState<'none' | 'copied' | 'refused'>('none');
  useEffect(() => {
    if (outcome === 'none') return undefined;
    const timer = setTimeout(() => setOutcome('none'), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const label = outcome === 'copied' ? 'Copied' : outcome === 'refused' ? 'Not copied' : 'Copy';
  return (
    <Button
      size="compact-xs"
      variant="default"
      leftSection={outcome === 'copied' ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
      onClick={async () => setOutcome((await copyText(text)) ? 'copied' : 'refused')}
      aria-label={`${label} ${what}`}
    >
      <span aria-live="polite">{isNamed && outcome === 'none' ? `${label} ${what}` : label}</span>
    </Button>
  );
}
