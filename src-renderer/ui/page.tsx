import { Button, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { HelpPane } from './help-pane.tsx';
import classes from './page.module.css';

export interface PrimaryAction {
  /** A verb: "Continue", "Migrate 128 tables". */
  label: string;
  onClick: () => void;
  /** Why it cannot be used now; shown beside the button. */
  disabledReason?: string | null;
  isBusy?: boolean;
}

export interface PageProps {
  /** A task: "Connect to Snowflake". It takes the focus when the page opens. */
  title: string;
  /** One sentence on why. */
  lead?: ReactNode;
  /** `form`: one column up to 960 px that scrolls. `wide`: scrolls, without that limit. `full`: all the space, and the children fill the height (grids scroll inside). */
  layout?: 'form' | 'wide' | 'full';
  /** Content of the help pane; no pane without it. */
  help?: ReactNode;
  back?: { label?: string; onClick: () => void };
  primary?: PrimaryAction;
  /** Further buttons, left of the primary action. */
  secondary?: ReactNode;
  /** Right of the title: badges, small buttons. */
  headerSide?: ReactNode;
  children: ReactNode;
}

/**
 * One page: heading, content, footer with Back and the one primary action, help pane.
 *
 *     <Page title="Set up S3 bucket" lead="..." help={<Help />} back={{ onClick: goBack }}
 *       primary={{ label: 'Continue', onClick: submit, disabledReason: null, isBusy }}>...</Page>
 */
export function Page(props: PageProps) {
  const { title, lead, layout = 'form', help, headerSide, children } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} - Snowferry`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <div className={classes.page}>
      <main className={classes.main}>
        <div className={classes.scroll} data-layout={layout}>
          <div className={classes.column} data-layout={layout}>
            <header className={classes.header}>
              <div>
                <Title order={1} ref={heading} tabIndex={-1}>
                  {title}
                </Title>
                {lead !== undefined && <p className={classes.lead}>{lead}</p>}
              </div>
              {headerSide !== undefined && <div className={classes.headerSide}>{headerSide}</div>}
            </header>
            {children}
          </div>
        </div>
        <Footer {...props} />
      </main>
      {help !== undefined && <HelpPane>{help}</HelpPane>}
    </div>
  );
}

function Footer({ back, primary, secondary }: PageProps) {
  if (back === undefined && primary === undefined && secondary === undefined) return null;
  const reason = primary?.disabledReason ?? null;
  return (
    <footer className={classes.footer}>
      {back !== undefined && (
        <Button variant="default" leftSection={<IconArrowLeft size={16} aria-hidden />} onClick={back.onClick}>
          {back.label ?? 'Back'}
        </Button>
      )}
      <div className={classes.footerEnd}>
        {reason !== null && (
          <span id="primary-reason" className={classes.reason}>
            {reason}
          </span>
        )}
        {secondary}
        {primary !== undefined && (
          <Button
            onClick={primary.onClick}
            loading={primary.isBusy ?? false}
            disabled={reason !== null}
            aria-describedby={reason === null ? undefined : 'primary-reason'}
            data-testid="primary-action"
          >
            {primary.label}
          </Button>
        )}
      </div>
    </footer>
  );
}
