import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useMay } from "../../app/session";
import { Button, CopyButton, Icon } from "../../parts";
import type { VirtualKey } from "../keys/types";

interface FirstKeyProps {
  of: VirtualKey | undefined;
  /** Its value, while this page may show it. */
  value: string | null | undefined;
  onNew: () => void;
}

/** What an application presents, with what it may use and spend. */
export function FirstKey({ of, value, onNew }: FirstKeyProps): ReactElement {
  const { why } = useMay("operator");
  return (
    <>
      {of ? (
        <p>
          <Link to="/keys" search={{ open: of.id }}>
            {of.name}
          </Link>{" "}
          <span className="soft">is there.</span>
        </p>
      ) : (
        <p className="soft">
          Applications present a virtual key instead of a provider's. It says which models they may use and how much
          they may spend; one budget is enough to begin with.
        </p>
      )}
      {value && (
        <div className="stack-tight">
          <div className="row">
            <code className="wrap-anywhere">{value}</code>
            <CopyButton text={value} label="Copy the value" withText />
          </div>
          <p className="soft small row">
            <Icon name="warn" />
            <span>Copy it now. It is kept as a hash and is not shown again once you leave this page.</span>
          </p>
        </div>
      )}
      <div>
        <Button kind={of ? "plain" : "primary"} icon="plus" disabledBecause={why} onClick={onNew}>
          {of ? "Create another key" : "Create a virtual key"}
        </Button>
      </div>
    </>
  );
}
