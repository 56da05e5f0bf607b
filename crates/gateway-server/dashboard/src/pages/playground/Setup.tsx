import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { servedModels, virtualKeys } from "../../api/completions";
import { Card, Combobox, Field, NumberInput, Switch, TextArea } from "../../parts";
import { toolsOf } from "./conversation";
import type { PlaygroundSearch } from "./search";

const route = getRouteApi("/playground");
type Set = (change: Partial<PlaygroundSearch>) => void;

/** What is called and how; all of it stands in the address. */
export function Setup(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set: Set = (change) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const tools = toolsOf(search.tools);
  return (
    <Card className="playground-setup">
      <div className="stack">
        {search.compare ? (
          <>
            <Side name="Left" model="model" of="key" search={search} set={set} />
            <Side name="Right" model="model2" of="key2" search={search} set={set} />
          </>
        ) : (
          <Side model="model" of="key" search={search} set={set} />
        )}
        <Field label="System prompt" optional>
          <TextArea
            rows={3}
            value={search.system ?? ""}
            onChange={(system) => set({ system: system || undefined })}
            placeholder="You answer in one sentence."
          />
        </Field>
        <div className="playground-pair">
          <Field label="Temperature">
            <NumberInput
              value={search.temperature}
              onChange={(temperature) => set({ temperature })}
              min={0}
              max={2}
              step={0.1}
              placeholder="default"
            />
          </Field>
          <Field label="Max tokens">
            <NumberInput
              value={search.max}
              onChange={(max) => set({ max: max || undefined })}
              min={1}
              step={1}
              placeholder="any"
            />
          </Field>
        </div>
        <Switch
          checked={!search.unstreamed}
          onChange={(on) => set({ unstreamed: on ? undefined : true })}
          label="Stream the answer"
        />
        <Switch
          checked={search.format === "json_object"}
          onChange={(on) => set({ format: on ? "json_object" : undefined })}
          label="Answer as a JSON object"
          hint="Most providers want the word JSON in the prompt then."
        />
        <details>
          <summary>Tools{Array.isArray(tools) && tools.length > 0 ? ` (${tools.length})` : ""}</summary>
          <Field label="Tools as JSON" error={typeof tools === "string" ? tools : undefined}>
            <TextArea
              rows={6}
              mono
              value={search.tools ?? ""}
              onChange={(tools) => set({ tools: tools || undefined })}
              placeholder={'[{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]'}
            />
          </Field>
        </details>
        {search.model && (
          <Link
            to="/routing"
            search={{
              tab: "what-if",
              model: search.model,
              ...(search.key && { key: search.key }),
              ...(search.max && { max: search.max }),
            }}
            className="small"
          >
            What would happen to this call?
          </Link>
        )}
      </div>
    </Card>
  );
}

function Side({
  name,
  model,
  of,
  search,
  set,
}: {
  name?: string;
  model: "model" | "model2";
  of: "key" | "key2";
  search: PlaygroundSearch;
  set: Set;
}) {
  const fields = (
    <>
      <Field label="Model" required>
        <Combobox
          value={search[model] ?? ""}
          onChange={(value) => set({ [model]: value || undefined })}
          options={servedModels()}
          placeholder="gpt-4o-mini"
          mono
        />
      </Field>
      <Field
        label="Virtual key"
        hint={search[of] ? undefined : "Without one it is your own call, and booked on nobody."}
      >
        <Combobox
          value={search[of] ?? ""}
          onChange={(value) => set({ [of]: value || undefined })}
          options={virtualKeys}
          placeholder="Id of the key"
        />
      </Field>
    </>
  );
  return name ? (
    <fieldset className="playground-side">
      <legend>{name}</legend>
      {fields}
    </fieldset>
  ) : (
    fields
  );
}
