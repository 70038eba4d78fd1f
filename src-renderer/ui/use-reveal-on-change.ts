import { useEffect, useRef } from 'react';

/**
 * Scrolls an element into view when work begins, and again when it ends and `isWanted`, so that what came of a button at the foot of the page is seen.
 * Attach the answer as `ref`.
 */
export function useRevealOnChange(isBusy: boolean, isWanted: boolean) {
  const element = useRef<HTMLDivElement>(null);
  const before = useRef(isBusy);
  useEffect(() => {
    if (before.current === isBusy) return;
    before.current = isBusy;
    if (isBusy || isWanted) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isBusy, isWanted]);
  return element;
}
