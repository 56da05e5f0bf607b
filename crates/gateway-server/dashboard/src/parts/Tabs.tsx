import { Tabs as Radix } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
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

/** Several views of one thing. */
export function Tabs<V extends string>({ value, onChange, tabs, label, children }: TabsProps<V>): ReactElement {
  return (
    <Radix.Root
      className="tabs"
      value={value}
      onValueChange={(chosen) => onChange(chosen as V)}
      activationMode="manual"
    >
      <Radix.List className="tabs-list" aria-label={label}>
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.value} value={tab.value} className="tab">
            {tab.label}
            {tab.count !== undefined && <span className="tab-count">{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className="tab-content" tabIndex={-1}>
          {tab.value === value && children}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
