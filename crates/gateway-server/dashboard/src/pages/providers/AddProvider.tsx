import type { ReactElement } from "react";
import { Button, Problem, Sheet } from "../../parts";
import { KindPicker } from "./form/KindPicker";
import { NewProvider } from "./form/NewProvider";
import { useKinds } from "./kinds";

export interface AddProviderProps {
  /** `choose`, or the kind that was chosen. */
  chosen: string;
  /** Names that are taken. */
  taken: readonly string[];
  onChoose: (kind: string) => void;
  onClose: () => void;
  onDone: (name: string) => void;
}

/** Adds a provider: first its kind, then what that kind needs. */
export function AddProvider({ chosen, taken, onChoose, onClose, onDone }: AddProviderProps): ReactElement {
  const kinds = useKinds();
  const kind = kinds.find(chosen);
  if (kind) {
    return (
      <NewProvider
        key={chosen}
        kind={kind}
        like={chosen.startsWith("like:")}
        taken={taken}
        onBack={() => onChoose("choose")}
        onClose={onClose}
        onDone={onDone}
      />
    );
  }
  return (
    <Sheet
      open
      onClose={onClose}
      title="Add a provider"
      about="What is it? A cloud needs a key, a server of your own its address."
      actions={<Button onClick={onClose}>Cancel</Button>}
    >
      {kinds.error ? (
        <Problem error={kinds.error} />
      ) : (
        <KindPicker kinds={kinds.all} bases={kinds.bases} taken={taken} onChoose={onChoose} />
      )}
    </Sheet>
  );
}
