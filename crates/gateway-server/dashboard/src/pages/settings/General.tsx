import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { api, call, messageOf, query, useChange } from "../../api/client";
import { useMay } from "../../app/session";
import { faultsIn, unshown } from "../../lib/faults";
import {
  Button,
  Card,
  Checkbox,
  Field,
  Icon,
  KeyValue,
  Loading,
  NumberInput,
  Problem,
  Select,
  TextInput,
  Time,
  toast,
} from "../../parts";
import { type Client, type FieldOf, GROUPS } from "./fields";

type Change = Record<string, unknown>;

/** The client section as a form. */
export function General(): ReactElement {
  const config = useQuery(query("/api/config"));
  const [changes, setChanges] = useState<Change>({});
  const { why } = useMay("admin");
  const save = useChange(() => call(api.PUT("/api/config", { body: { client_config: changes } })), {
    refreshes: ["/api/config"],
    says: "Settings saved",
    showsError: true,
    done: ({ warnings }) => {
      for (const warning of warnings ?? []) toast.info(warning);
      setChanges({});
    },
  });
  if (!config.data) {
    return config.error ? <Problem error={config.error} onRetry={() => config.refetch()} /> : <Loading lines={8} />;
  }
  const { client_config, origin, revision, config_file, config_file_error, catalogue } = config.data;
  const declared = origin.startsWith("file");
  const faults = faultsIn(save.error ? messageOf(save.error) : undefined);
  const names = GROUPS.flatMap((group) => group.fields.map(({ name }) => name));
  const errorOf = (name: string) => faults.at[`client_config.${name}`] ?? faults.at[`client.${name}`];
  const other =
    save.error &&
    unshown(faults, [
      ...names.map((name) => `client_config.${name}`),
      ...names.map((name) => `client.${name}`),
      "client_config",
    ]);
  const set = (name: string, value: unknown) => setChanges((now) => ({ ...now, [name]: value }));
  const changed = Object.keys(changes).length > 0;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && !save.isPending) save.mutate(undefined);
      }}
    >
      {config_file_error && (
        <p className="settings-note settings-note-bad" role="alert">
          <Icon name="bad" /> The configuration file was changed and not taken up: {config_file_error}
        </p>
      )}
      {declared && (
        <p className="settings-note">
          <Icon name="lock" /> These settings are declared in {config_file ?? "a file"}, and are changed there.
        </p>
      )}
      <fieldset className="settings-groups" disabled={declared || why !== undefined}>
        <legend className="sr-only">Settings for all callers</legend>
        {GROUPS.map((group) => (
          <Card key={group.title} title={group.title}>
            <div className="settings-fields">
              {group.fields.map((field) => (
                <One
                  key={field.name}
                  field={field}
                  client={{ ...client_config, ...changes } as Client}
                  set={set}
                  error={errorOf(field.name)}
                />
              ))}
            </div>
          </Card>
        ))}
        <Alerts client={{ ...client_config, ...changes } as Client} set={set} error={errorOf("alerts")} />
      </fieldset>
      <div className="row settings-foot">
        {(other || errorOf("")) && (
          <span className="field-error" role="alert">
            {other}
          </span>
        )}
        <Button
          kind="primary"
          type="submit"
          busy={save.isPending}
          disabled={!changed}
          disabledBecause={declared ? "A configuration file declares these settings." : why}
        >
          Save changes
        </Button>
        {changed && <Button onClick={() => setChanges({})}>Discard</Button>}
      </div>
      <Card title="About this gateway">
        <KeyValue
          columns={2}
          items={[
            ["Revision of the settings", revision],
            ["Configuration file", config_file ?? "none"],
            ["Catalogue", `${catalogue.models.toLocaleString("en-US")} models, ${catalogue.file ?? "built in"}`],
            ["Catalogue taken", catalogue.taken_at && <Time key="taken" value={catalogue.taken_at} />],
            ["Catalogue's fault", catalogue.error],
          ]}
        />
      </Card>
    </form>
  );
}

interface OneProps {
  field: FieldOf;
  client: Client;
  set: (name: string, value: unknown) => void;
  error: string | undefined;
}

function One({ field, client, set, error }: OneProps): ReactElement {
  const { name, label, help } = field;
  const value = client[name];
  if (field.kind === "switch") {
    return (
      <div className="field">
        <Checkbox checked={value === true} onChange={(checked) => set(name, checked)} label={label} hint={help} />
      </div>
    );
  }
  return (
    <Field label={label} hint={help} error={error}>
      <Control field={field} value={value} set={(next) => set(name, next)} />
    </Field>
  );
}

function Control({
  field,
  value,
  set,
}: {
  field: FieldOf;
  value: unknown;
  set: (value: unknown) => void;
}): ReactElement {
  switch (field.kind) {
    case "number":
      return (
        <NumberInput
          value={typeof value === "number" ? value : undefined}
          onChange={(next) => set(next ?? null)}
          unit={field.unit}
        />
      );
    case "choice":
      return (
        <Select
          value={String(value)}
          onChange={set}
          options={field.options.map(([word, label]) => ({ value: word, label }))}
        />
      );
    case "maybe":
      return (
        <Select
          value={value === undefined || value === null ? "" : String(value)}
          onChange={(word) => set(word === "" ? null : word === "true")}
          options={[
            { value: "", label: field.unset },
            { value: "true", label: "Always" },
            { value: "false", label: "Never" },
          ]}
        />
      );
    case "disconnect":
      return <Disconnect value={value as Client["on_disconnect"]} set={set} />;
    case "unknown_price":
      return <UnknownPrice value={value as Client["unknown_price"]} set={set} />;
    case "list":
      return (
        <TextInput
          mono
          placeholder={field.placeholder}
          value={Array.isArray(value) ? value.join(", ") : ""}
          onChange={(text) => set(text.trim() === "" ? null : text.split(",").map((part) => part.trimStart()))}
        />
      );
    default:
      return (
        <TextInput
          mono
          placeholder={"placeholder" in field ? field.placeholder : undefined}
          value={typeof value === "string" ? value : ""}
          onChange={(text) => set(text === "" ? null : text)}
        />
      );
  }
}

const MOST_TOKENS = 4096;

function Disconnect({ value, set }: { value: Client["on_disconnect"]; set: (value: unknown) => void }): ReactElement {
  const finish = typeof value === "object" ? value.finish : undefined;
  return (
    <span className="settings-two">
      <Select
        value={finish ? "finish" : "cancel"}
        onChange={(word) => set(word === "finish" ? { finish: { most_tokens: MOST_TOKENS } } : "cancel")}
        options={[
          { value: "cancel", label: "Leave the provider too" },
          { value: "finish", label: "Read to the end, for the exact cost" },
        ]}
      />
      {finish && (
        <NumberInput
          aria-label="The most tokens that are waited for"
          value={finish.most_tokens}
          onChange={(most) => most !== undefined && set({ finish: { most_tokens: most } })}
          unit="tokens at most"
        />
      )}
    </span>
  );
}

function UnknownPrice({ value, set }: { value: Client["unknown_price"]; set: (value: unknown) => void }): ReactElement {
  const own = typeof value === "object";
  return (
    <Select
      value={own ? "charge" : (value ?? "refuse_under_budget")}
      onChange={(word) => word !== "charge" && set(word)}
      options={[
        { value: "refuse_under_budget", label: "Nothing; under a money budget it is refused" },
        { value: "free", label: "Nothing, budget or not" },
        { value: "refuse", label: "It is refused, budget or not" },
        ...(own ? [{ value: "charge" as const, label: "The prices that were set by the API" }] : []),
      ]}
    />
  );
}

/** Who is told when a budget runs low. */
function Alerts({ client, set, error }: Omit<OneProps, "field">): ReactElement {
  const alerts = client.alerts ?? undefined;
  return (
    <Card title="Alerts" about="A message is posted when a budget passes one of the thresholds.">
      <div className="settings-fields">
        <Field label="Webhook" hint="Where the message is posted, as JSON. Empty: nobody is told." error={error}>
          <TextInput
            type="url"
            mono
            placeholder="https://hooks.example.com/budgets"
            value={alerts?.webhook_url ?? ""}
            onChange={(url) =>
              set("alerts", url === "" ? null : { thresholds: [50, 80, 100], ...alerts, webhook_url: url })
            }
          />
        </Field>
        {alerts && (
          <Field label="Thresholds" hint="In percent of the budget, with commas between.">
            <TextInput
              mono
              value={(alerts.thresholds ?? []).join(", ")}
              onChange={(text) =>
                set("alerts", {
                  ...alerts,
                  thresholds: text
                    .split(",")
                    .map((part) => Number(part.trim()))
                    .filter((part) => Number.isInteger(part) && part > 0),
                })
              }
            />
          </Field>
        )}
      </div>
    </Card>
  );
}
