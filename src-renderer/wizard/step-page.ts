import type { Project } from '#shared/model/project';
import type { StepStatus } from './step-states.ts';
import type { StepId } from './steps.ts';

/**
 * What the frame gives every page of the wizard. A page shows a `Page` (ui/page.tsx) with `back={goBack ? { onClick: goBack } : undefined}` and calls `goNext`
 * when its work is done. Pages are entered in frame/step-pages.ts.
 */
export interface StepPageProps {
  project: Project;
  steps: readonly StepStatus[];
  goTo: (step: StepId) => void;
  /** Undefined on the first page. */
  goBack: (() => void) | undefined;
  goNext: () => void;
}
