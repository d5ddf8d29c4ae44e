import type { ReactNode } from 'react';

export interface EmptyStateProps {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  /** `alert` reads it aloud at once. */
  role?: 'alert' | 'status';
}

/** What stands where data would stand: says what is, and what can be done about it. */
export function EmptyState({ icon, title, children, actions, role }: EmptyStateProps) {
  return (
    <div className="empty" role={role}>
      <span className="empty-icon" aria-hidden="true">
        {icon}
      </span>
      <h2>{title}</h2>
      {children && <div className="empty-text">{children}</div>}
      {actions && <div className="empty-actions">{actions}</div>}
    </div>
  );
}
