import type { ReactNode } from 'react';
import classes from './stat-tiles.module.css';

export interface StatTile {
  label: string;
  value: ReactNode;
  note?: ReactNode;
}

/** Large numbers with their labels, side by side. */
export function StatTiles({ tiles }: { tiles: readonly StatTile[] }) {
  return (
    <dl className={classes.tiles}>
      {tiles.map(({ label, value, note }) => (
        <div key={label} className={classes.tile}>
          <dt>{label}</dt>
          <dd className={classes.value}>{value}</dd>
          {note !== undefined && <dd className={classes.note}>{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
