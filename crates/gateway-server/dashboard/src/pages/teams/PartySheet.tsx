import type { ReactElement, ReactNode } from "react";
import { Loading, Problem, Sheet, Tabs } from "../../parts";

export type PartyTab = "use" | "settings";

export interface PartySheetProps {
  title: string;
  about: ReactNode;
  tab: PartyTab;
  onTab: (tab: PartyTab) => void;
  onClose: () => void;
  loaded: boolean;
  error: Error | null;
  onRetry: () => void;
  children: ReactNode;
}

/** A team or a customer that is open. */
export function PartySheet(props: PartySheetProps): ReactElement {
  const { title, about, tab, onTab, onClose, loaded, error, onRetry, children } = props;
  return (
    <Sheet open wide onClose={onClose} title={title} about={about}>
      {loaded ? (
        <Tabs
          label="Views"
          value={tab}
          onChange={onTab}
          tabs={[
            { value: "use", label: "Use" },
            { value: "settings", label: "Settings" },
          ]}
        >
          {children}
        </Tabs>
      ) : error ? (
        <Problem error={error} onRetry={onRetry} />
      ) : (
        <Loading lines={6} />
      )}
    </Sheet>
  );
}
