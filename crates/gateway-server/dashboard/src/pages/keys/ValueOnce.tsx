import type { ReactElement } from "react";
import { Button, CopyButton, Dialog, Icon, Time } from "../../parts";
import { Snippets } from "./Snippets";
import type { VirtualKey } from "./types";

export interface ValueOnceProps {
  /** The answer that the value was in. */
  made: VirtualKey;
  /** What happened: a key was made, or given another value. */
  how: "created" | "rotated";
  onClose: () => void;
}

/** The value of a key, the one time that it is shown. */
export function ValueOnce({ made, how, onClose }: ValueOnceProps): ReactElement {
  const value = made.value ?? "";
  const [earlier] = made.previous;
  return (
    <Dialog
      open
      wide
      // A press outside must not lose it: closed by its button, the cross or Esc.
      onClose={onClose}
      title={how === "created" ? `${made.name} is ready` : `${made.name} has a new value`}
      about="Copy the value now. It is kept as a hash and is never shown again."
      actions={
        <Button kind="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <div className="stack">
        <div className="keys-value">
          <code className="keys-value-text" data-testid="key-value">
            {value}
          </code>
          <CopyButton text={value} label="Copy the value" withText />
        </div>
        {made.guessable && (
          <p className="keys-note">
            <Icon name="warn" />
            <span>
              This value can be guessed. It is fine for a try at one's own machine; for anything else, rotate the key
              and let the gateway make the value.
            </span>
          </p>
        )}
        {how === "rotated" && (
          <p className="soft">
            {earlier ? (
              <>
                The old value works on until <Time value={made.previous.at(-1)?.until} />.
              </>
            ) : (
              "The old value does not work any more."
            )}
          </p>
        )}
        <Snippets of={made} value={value} />
      </div>
    </Dialog>
  );
}
