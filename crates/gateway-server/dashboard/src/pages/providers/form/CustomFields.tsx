import type { ReactElement } from "react";
import { Checkbox, Segments } from "../../../parts";
import type { FieldsProps } from "./ConnectionFields";
import type { RequestType } from "./draft";

/** What only a provider of one's own naming has: whether it takes a key, and what clients may ask of it. */
export function CustomFields({ draft, set, requests }: FieldsProps & { requests: readonly string[] }): ReactElement {
  const { allowed } = draft;
  const known = requests as readonly RequestType[];
  return (
    <>
      <Checkbox
        checked={draft.keyless}
        onChange={(keyless) => set({ keyless })}
        label="It takes no key"
        hint="Then it can be used without one."
      />
      <fieldset className="providers-requests">
        <legend className="field-label">What clients may ask of it</legend>
        <Segments
          label="What clients may ask of it"
          value={allowed ? "some" : "all"}
          onChange={(choice) =>
            set({ allowed: choice === "all" ? undefined : ["chat_completion", "chat_completion_stream"] })
          }
          options={[
            { value: "all", label: "Everything" },
            { value: "some", label: "Only some requests" },
          ]}
        />
        {allowed && (
          <div className="providers-request-list">
            {known.map((request) => (
              <Checkbox
                key={request}
                checked={allowed.includes(request)}
                onChange={(on) =>
                  set({ allowed: known.filter((one) => (one === request ? on : allowed.includes(one))) })
                }
                label={request.replaceAll("_", " ")}
              />
            ))}
          </div>
        )}
      </fieldset>
    </>
  );
}
