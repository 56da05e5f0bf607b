// The outer pieces of a page: its header, its filters, its cards.

import clsx from "clsx";
import { type ReactElement, type ReactNode, useId } from "react";
import "./data.css";
import { Icon } from "./icons";

export interface PageHeaderProps {
  title: ReactNode;
  about?: ReactNode;
  /** Buttons at the end; the primary one last. */
  actions?: ReactNode;
}

/** The page's one `h1`. */
export function PageHeader({ title, about, actions }: PageHeaderProps): ReactElement {
  return (
    <header className="page-header">
      <div className="page-titles">
        <h1>{title}</h1>
        {about && <p className="soft">{about}</p>}
      </div>
      {actions && <div className="row">{actions}</div>}
    </header>
  );
}

export interface CardProps {
  title?: ReactNode;
  about?: ReactNode;
  actions?: ReactNode;
  /** No room at the edges: for tables and charts that bring their own. */
  flush?: boolean;
  className?: string;
  children: ReactNode;
}

/** A part of a page with a heading. */
export function Card({ title, about, actions, flush, className, children }: CardProps): ReactElement {
  const id = useId();
  return (
    <section
      className={clsx("card", "card-parts", flush && "card-flush", className)}
      aria-labelledby={title ? id : undefined}
    >
      {(title || actions) && (
        <div className="card-head">
          <div className="page-titles">
            {title && <h2 id={id}>{title}</h2>}
            {about && <p className="soft small">{about}</p>}
          </div>
          {actions && <div className="row">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

/** Filters in a row above a table. */
export function FilterBar({
  children,
  onClear,
}: {
  children: ReactNode;
  onClear?: (() => void) | undefined;
}): ReactElement {
  return (
    <search className="filter-bar">
      {children}
      {onClear && (
        <button type="button" className="button button-quiet button-small" onClick={onClear}>
          Clear filters
        </button>
      )}
    </search>
  );
}

/** A filter that is set, with a cross that takes it away: `Provider: openai`. */
export function FilterChip({
  name,
  value,
  onRemove,
}: {
  name: string;
  value: string;
  onRemove: () => void;
}): ReactElement {
  return (
    <span className="chip filter-chip">
      <span className="soft">{name}:</span> {value}
      <button type="button" aria-label={`Remove the filter ${name}: ${value}`} onClick={onRemove}>
        <Icon name="close" size={12} />
      </button>
    </span>
  );
}

export interface SegmentsProps<V extends string> {
  label: string;
  value: V;
  onChange: (value: V) => void;
  options: readonly { value: V; label: ReactNode }[];
}

/** One of a few, side by side: a range, a view. */
export function Segments<V extends string>({ label, value, onChange, options }: SegmentsProps<V>): ReactElement {
  const name = useId();
  return (
    <fieldset className="segments">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className="segment">
          <input
            type="radio"
            className="sr-only"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
