import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { servedModels, virtualKeys } from "../../api/completions";
import {
  Button,
  Card,
  Combobox,
  Field,
  MultiCombobox,
  NumberInput,
  Segments,
  Select,
  Switch,
  TextArea,
  TextInput,
} from "../../parts";
import type { RoutingSearch } from "./search";
import type { Explanation } from "./WhatIf";
import { pairs, withPair } from "./whatif";

const route = getRouteApi("/routing");

type Who = "key" | "operator" | "anonymous";

/** The call that is asked about. What rules look at is asked for by name. */
export function WhatIfForm({ told }: { told: Explanation | undefined }): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<RoutingSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  // Somebody who has chosen "A virtual key" and no key yet is in no address.
  const [byKey, setByKey] = useState(search.key !== undefined || (!search.anonymous && !search.model));
  const [long, setLong] = useState(search.message !== undefined);
  const who: Who = search.key || byKey ? "key" : search.anonymous ? "anonymous" : "operator";
  const choose = (who: Who) => {
    setByKey(who === "key");
    set({ key: undefined, anonymous: who === "anonymous" || undefined });
  };
  return (
    <Card title="The call" className="routing-form">
      <div className="stack">
        <div className="stack-tight">
          <Segments<Who>
            label="Whose call it is"
            value={who}
            onChange={choose}
            options={[
              { value: "key", label: "A virtual key" },
              { value: "operator", label: "Yours" },
              { value: "anonymous", label: "Anonymous" },
            ]}
          />
          {who === "key" && (
            <Field label="Virtual key" hint={search.key ? undefined : "Without one it is your own call."}>
              <Combobox
                value={search.key ?? ""}
                onChange={(key) => set({ key: key || undefined })}
                options={virtualKeys}
                placeholder="Id of the key"
              />
            </Field>
          )}
        </div>
        <Field label="Model" required>
          <Combobox
            value={search.model ?? ""}
            onChange={(model) => set({ model: model || undefined })}
            options={servedModels()}
            placeholder="gpt-4o-mini"
            mono
          />
        </Field>
        <div className="stack-tight">
          <Segments
            label="The prompt"
            value={long ? "message" : "tokens"}
            onChange={(way) => {
              setLong(way === "message");
              set({ tokens: undefined, message: undefined });
            }}
            options={[
              { value: "tokens", label: "By its size" },
              { value: "message", label: "Word by word" },
            ]}
          />
          {long ? (
            <Field label="Message">
              <TextArea
                rows={4}
                value={search.message ?? ""}
                onChange={(message) => set({ message: message || undefined })}
              />
            </Field>
          ) : (
            <Field label="Prompt size">
              <NumberInput
                value={search.tokens}
                onChange={(tokens) => set({ tokens })}
                unit="tokens"
                min={0}
                step={1}
                placeholder="20"
              />
            </Field>
          )}
        </div>
        <div className="routing-pair">
          <Field label="Longest answer">
            <NumberInput
              value={search.max}
              onChange={(max) => set({ max })}
              unit="tokens"
              min={1}
              step={1}
              placeholder="any"
            />
          </Field>
          <Switch
            checked={search.stream ?? false}
            onChange={(on) => set({ stream: on || undefined })}
            label="Streamed"
          />
        </div>
        <Field label="The call's own fallbacks" optional>
          <MultiCombobox
            value={search.fallback ?? []}
            onChange={(fallback) => set({ fallback: fallback.length > 0 ? fallback : undefined })}
            options={servedModels()}
            mono
          />
        </Field>
        <Facts search={search} set={set} told={told} />
      </div>
    </Card>
  );
}

const KINDS = [
  { value: "header", label: "Header", from: "headers" },
  { value: "tag", label: "Tag", from: "tags" },
  { value: "param", label: "Parameter", from: "params" },
] as const;
type Kind = (typeof KINDS)[number]["value"];

/** Headers, tags and parameters: those that rules look at, and others. */
function Facts({
  search,
  set,
  told,
}: {
  search: RoutingSearch;
  set: (change: Partial<RoutingSearch>) => void;
  told: Explanation | undefined;
}) {
  const [kind, setKind] = useState<Kind>("header");
  const [name, setName] = useState("");
  const looksAt = told?.routing?.looks_at;
  const rows = KINDS.flatMap(({ value: of, label, from }) => {
    const said = new Map(pairs(search[of]));
    const names = new Set([...(looksAt?.[from] ?? []), ...said.keys()]);
    return [...names].map((name) => ({
      of,
      label,
      name,
      value: said.get(name) ?? "",
      asked: looksAt?.[from].includes(name),
    }));
  });
  const add = () => {
    if (!name.trim()) return;
    set({ [kind]: [...(search[kind] ?? []), `${name.trim()}: `] });
    setName("");
  };
  return (
    <fieldset className="routing-facts">
      <legend>Headers, tags and parameters</legend>
      {rows.length === 0 && <p className="soft small">Rules for this caller look at none.</p>}
      {rows.map(({ of, label, name, value, asked }) => (
        <Field
          key={`${of} ${name}`}
          label={
            <>
              {label} <span className="mono">{name}</span>
            </>
          }
          hint={asked ? "Rules look at it." : undefined}
        >
          <TextInput value={value} onChange={(value) => set({ [of]: withPair(search[of], name, value) })} mono />
        </Field>
      ))}
      <div className="routing-add">
        <Select aria-label="What to add" value={kind} onChange={setKind} options={KINDS} />
        <TextInput
          aria-label="Its name"
          value={name}
          onChange={setName}
          placeholder="name"
          mono
          onKeyDown={(event) => event.key === "Enter" && add()}
        />
        <Button icon="plus" onClick={add} disabled={!name.trim()}>
          Add
        </Button>
      </div>
    </fieldset>
  );
}
