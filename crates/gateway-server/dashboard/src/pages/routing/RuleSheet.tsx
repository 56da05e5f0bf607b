import { type ReactNode, useState } from "react";
import { messageOf } from "../../api/client";
import { customers, servedModels, teams, virtualKeys } from "../../api/completions";
import { useMay } from "../../app/session";
import {
  Button,
  Combobox,
  Empty,
  Field,
  Loading,
  MultiCombobox,
  Problem,
  Segments,
  Sheet,
  Switch,
  TextInput,
} from "../../parts";
import { ConditionEditor, useCheck } from "./ConditionEditor";
import { changeOf, type Draft, draftOf, faultOf } from "./draft";
import { type Rule, SCOPES, type Scope, useRules, useSaveRule } from "./rules";
import { Sentence } from "./Sentence";
import { Targets } from "./Targets";

/** A rule that is made or changed, in a panel at the side. */
export function RuleSheet({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  const { data: rules, error, refetch } = useRules();
  const rule = rules?.find((rule) => rule.id === id);
  if (id !== "new" && !rule) {
    return (
      <Sheet open onClose={onClose} title="Rule">
        {error ? (
          <Problem error={error} onRetry={() => void refetch()} />
        ) : rules ? (
          <Empty title={`There is no rule “${id}”`}>It may have been deleted.</Empty>
        ) : (
          <Loading />
        )}
      </Sheet>
    );
  }
  return <RuleForm key={id} rule={rule} rules={rules ?? []} onClose={onClose} />;
}

function RuleForm({ rule, rules, onClose }: { rule: Rule | undefined; rules: Rule[]; onClose: () => void }) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(rule));
  const [tried, setTried] = useState(false);
  const { why } = useMay("operator");
  const save = useSaveRule(onClose);
  const check = useCheck(draft.condition);
  const set = (change: Partial<Draft>) => setDraft((now) => ({ ...now, ...change }));
  const fault = faultOf(draft);
  const shown = (field: keyof typeof fault) => (tried ? fault[field] : undefined);
  const ofFile = rule?.origin.startsWith("file") ? `It is declared by ${rule.origin}. Change it there.` : undefined;
  const wrong = check.data?.valid === false && !check.isOld ? "The condition is not right yet." : undefined;
  const submit = () => {
    setTried(true);
    if (Object.values(fault).some(Boolean) || wrong) return;
    save.mutate({ id: rule?.id, change: changeOf(draft, rule, rules) });
  };
  return (
    <Sheet
      open
      wide
      onClose={onClose}
      title={rule ? `Rule “${rule.name}”` : "New rule"}
      about={rule ? <span className="mono">{rule.id}</span> : "The first rule that fits decides where a call goes."}
      onSubmit={submit}
      actions={
        <>
          {save.error && (
            <p className="routing-fault routing-fault-bad small" role="alert">
              {messageOf(save.error)}
            </p>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={save.isPending} disabledBecause={why ?? ofFile ?? wrong}>
            Save rule
          </Button>
        </>
      }
    >
      <div className="stack">
        <Field label="Name" required error={shown("name")}>
          <TextInput
            value={draft.name}
            onChange={(name) => set({ name })}
            placeholder="Save when the budget runs low"
          />
        </Field>
        <Field label="What it is for" optional>
          <TextInput value={draft.description} onChange={(description) => set({ description })} />
        </Field>
        <div className="stack-tight">
          <Segments<Scope>
            label="Whose calls it is for"
            value={draft.scope}
            onChange={(scope) => set({ scope, scopeId: "" })}
            options={[
              { value: "global", label: "Everybody" },
              { value: "customer", label: "A customer" },
              { value: "team", label: "A team" },
              { value: "virtual_key", label: "A virtual key" },
            ]}
          />
          {draft.scope !== "global" && (
            <Field label={WHOSE[draft.scope].label} required error={shown("scopeId")}>
              <Combobox
                value={draft.scopeId}
                onChange={(scopeId) => set({ scopeId })}
                options={WHOSE[draft.scope].options}
                placeholder="Its id"
              />
            </Field>
          )}
          <p className="soft small">
            Rules for {draft.scope === "global" ? "everybody" : "it"} are{" "}
            {SCOPES.find(({ value }) => value === draft.scope)?.about}.
          </p>
        </div>
        <Field label="When">
          <ConditionEditor value={draft.condition} onChange={(condition) => set({ condition })} />
        </Field>
        <Targets value={draft.targets} onChange={(targets) => set({ targets })} error={shown("targets")} />
        <Field
          label="Afterwards"
          optional
          hint="What is tried when the target fails, in this order: provider/model, provider/ for the same model there, or a model."
        >
          <MultiCombobox
            value={draft.fallbacks}
            onChange={(fallbacks) => set({ fallbacks })}
            options={servedModels()}
            placeholder="openai/gpt-4o-mini"
            mono
          />
        </Field>
        <Switch checked={draft.enabled} onChange={(enabled) => set({ enabled })} label="In force" />
        <div className="routing-preview">
          <h3>In words</h3>
          <Sentence rule={{ cel_expression: draft.condition, targets: draft.targets, fallbacks: draft.fallbacks }} />
        </div>
      </div>
    </Sheet>
  );
}

const WHOSE = {
  virtual_key: { label: "Virtual key", options: virtualKeys },
  team: { label: "Team", options: teams },
  customer: { label: "Customer", options: customers },
} as const;
