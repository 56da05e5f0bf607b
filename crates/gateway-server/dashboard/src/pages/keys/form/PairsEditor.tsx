import type { ReactElement } from "react";
import { Button, Combobox, type Completions, IconButton, TextInput } from "../../../parts";
import { newPair, type Pair } from "./draft";

export interface PairsEditorProps {
  /** What one is: `alias`, `tag`. */
  what: string;
  names: { name: string; value: string };
  placeholders: { name: string; value: string };
  /** What stands between the two. */
  between: string;
  pairs: readonly Pair[];
  onChange: (pairs: Pair[]) => void;
  /** For the value. */
  options?: Completions;
}

/** Names with values, as rows. */
export function PairsEditor(props: PairsEditorProps): ReactElement {
  const { what, names, placeholders, between, pairs, onChange, options } = props;
  const change = (pair: Pair, to: Partial<Pair>) =>
    onChange(pairs.map((one) => (one.key === pair.key ? { ...one, ...to } : one)));
  return (
    <div className="stack-tight">
      {pairs.map((pair, at) => (
        <div key={pair.key} className="keys-pair">
          <TextInput
            aria-label={`${names.name} of ${what} ${at + 1}`}
            placeholder={placeholders.name}
            mono
            value={pair.name}
            onChange={(name) => change(pair, { name })}
          />
          <span className="soft">{between}</span>
          {options ? (
            <Combobox
              aria-label={`${names.value} of ${what} ${at + 1}`}
              placeholder={placeholders.value}
              mono
              options={options}
              value={pair.value}
              onChange={(value) => change(pair, { value })}
            />
          ) : (
            <TextInput
              aria-label={`${names.value} of ${what} ${at + 1}`}
              placeholder={placeholders.value}
              mono
              value={pair.value}
              onChange={(value) => change(pair, { value })}
            />
          )}
          <IconButton
            icon="trash"
            size="small"
            label={`Remove ${what} ${at + 1}`}
            onClick={() => onChange(pairs.filter((one) => one.key !== pair.key))}
          />
        </div>
      ))}
      <div>
        <Button size="small" icon="plus" onClick={() => onChange([...pairs, newPair()])}>
          Add {what === "alias" ? "an alias" : `a ${what}`}
        </Button>
      </div>
    </div>
  );
}
