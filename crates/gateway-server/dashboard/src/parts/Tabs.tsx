import { type KeyboardEvent, type ReactElement, type ReactNode, useId } from "react";
import "./data.css";

export interface Tab<V extends string> {
  value: V;
  label: ReactNode;
  /** Beside the label: how many there are. */
  count?: number;
}

export interface TabsProps<V extends string> {
  /** Which one is open; the caller keeps it in the address. */
  value: V;
  onChange: (value: V) => void;
  tabs: readonly Tab<V>[];
  /** Name of the whole for screen readers. */
  label: string;
  /** The open one's content. */
  children: ReactNode;
}

/** Several views of one thing. Arrows go from tab to tab, Enter opens one. */
export function Tabs<V extends string>({ value, onChange, tabs, label, children }: TabsProps<V>): ReactElement {
  const id = useId();
  return (
    <div className="tabs">
      <div className="tabs-list" role="tablist" aria-label={label} onKeyDown={moveIn}>
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`${id}-${tab.value}`}
            aria-selected={tab.value === value}
            aria-controls={tab.value === value ? `${id}-panel` : undefined}
            tabIndex={tab.value === value ? 0 : -1}
            className="tab"
            onClick={() => onChange(tab.value)}
          >
            {tab.label}
            {tab.count !== undefined && <span className="tab-count">{tab.count}</span>}
          </button>
        ))}
      </div>
      <div className="tab-content" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`}>
        {children}
      </div>
    </div>
  );
}

function moveIn(event: KeyboardEvent<HTMLElement>): void {
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]")];
  const at = tabs.indexOf(document.activeElement as HTMLElement);
  const goal = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (goal === undefined) return;
  event.preventDefault();
  tabs.at(goal % tabs.length)?.focus();
}
