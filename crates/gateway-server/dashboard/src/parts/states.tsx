// What stands where content is not: nothing yet, not loaded yet, failed.

import type { ReactElement, ReactNode } from "react";
import { ApiProblem, messageOf } from "../api/problem";
import { Button } from "./Button";
import "./data.css";
import { Icon, type IconName } from "./icons";

export interface EmptyProps {
  /** What is not there: `No providers yet`. */
  title: string;
  icon?: IconName;
  /** Why, or what it would be good for. */
  children?: ReactNode;
  /** What to do about it: a button or a link. */
  action?: ReactNode;
}

export function Empty({ title, icon, children, action }: EmptyProps): ReactElement {
  return (
    <div className="empty">
      {icon && (
        <span className="empty-icon">
          <Icon name={icon} size={24} />
        </span>
      )}
      <p className="empty-title">{title}</p>
      {children && <div className="empty-text">{children}</div>}
      {action}
    </div>
  );
}

export interface ProblemProps {
  error: unknown;
  onRetry?: (() => void) | undefined;
  /** What could not be done: `Providers could not be loaded`. */
  title?: string;
}

/** Something failed: what, why, and a way to try again. */
export function Problem({ error, onRetry, title }: ProblemProps): ReactElement {
  const status = error instanceof ApiProblem ? error.status : undefined;
  return (
    <div className="problem" role="alert">
      <span className="status-bad">
        <Icon name="bad" />
      </span>
      <div className="problem-text">
        <p className="problem-title">{title ?? titleFor(status)}</p>
        <p>{messageOf(error)}</p>
      </div>
      {onRetry && (
        <Button size="small" icon="refresh" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

function titleFor(status: number | undefined): string {
  if (status === 0) return "The gateway does not answer";
  if (status === 401) return "You are not signed in";
  if (status === 403) return "You may not see this";
  if (status === 404) return "This is not there";
  return "This did not work";
}

/** A grey shape in the place of a text that is being loaded. */
export function Skeleton({ width = "60%", height }: { width?: string; height?: string }): ReactElement {
  return <span className="skeleton" style={{ width, height }} aria-hidden="true" />;
}

/** A whole block that is being loaded. */
export function Loading({ label = "Loading…", lines = 3 }: { label?: string; lines?: number }): ReactElement {
  return (
    <div className="loading" role="status">
      <span className="sr-only">{label}</span>
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <Skeleton key={index} width={`${90 - ((index * 23) % 50)}%`} />
      ))}
    </div>
  );
}
