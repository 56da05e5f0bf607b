import { type ReactElement, useState } from "react";
import { api, call, type components, messageOf, useChange } from "../../api/client";
import { plural } from "../../lib/format";
import { Button, Card, Field, Icon, Problem, TextArea, toast } from "../../parts";
import { Difference } from "./Difference";

type Settings = components["schemas"]["SettingsDocument"];

/** The settings as a document: taken out, and put in. */
export function DocumentTab(): ReactElement {
  return (
    <div className="stack">
      <Export />
      <Import />
    </div>
  );
}

function Export(): ReactElement {
  const take = useChange(() => call(api.GET("/api/config/export")), {
    showsError: true,
    done: ({ document }) => save("gateway.json", `${JSON.stringify(document, null, 2)}\n`, "application/json"),
  });
  const takeYaml = useChange(() => call(api.GET("/api/config/export.yaml", { parseAs: "text" })), {
    showsError: true,
    done: (text) => save("gateway.yaml", String(text), "application/yaml"),
  });
  const taken = take.data;
  const error = take.error ?? takeYaml.error;
  return (
    <Card
      title="Export"
      about="Everything that is set, as a configuration file has it. No secret is in it: variables stand in their places."
    >
      <div className="stack">
        <div className="row">
          <Button icon="download" busy={take.isPending} onClick={() => take.mutate(undefined)}>
            Download JSON
          </Button>
          <Button icon="download" busy={takeYaml.isPending} onClick={() => takeYaml.mutate(undefined)}>
            Download YAML
          </Button>
        </div>
        {error && <Problem error={error} />}
        {taken && (taken.needed.length > 0 || taken.left_out.length > 0) && (
          <div className="stack-tight small" role="status">
            {taken.needed.length > 0 && (
              <>
                <p>
                  Elsewhere, {plural(taken.needed.length, "variable has", "variables have")} to be set. Here, the values
                  stay as they are.
                </p>
                <ul className="settings-needed">
                  {taken.needed.map((one) => (
                    <li key={one.path}>
                      <code>{one.variable}</code> <span className="soft">for {one.path}</span>
                    </li>
                  ))}
                </ul>
              </>
            )}
            {taken.left_out.length > 0 && (
              <>
                <p>Left out:</p>
                <ul className="settings-needed">
                  {taken.left_out.map((one) => (
                    <li key={one}>{one}</li>
                  ))}
                </ul>
              </>
            )}
          </div>
        )}
      </div>
    </Card>
  );
}

function save(name: string, text: string, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function send(text: string, dryRun: boolean) {
  const json = text.trimStart().startsWith("{");
  return call(
    api.POST("/api/config/import", {
      params: { query: { dry_run: dryRun } },
      // What is no JSON is sent as the YAML that it is; the gateway reads both.
      body: text as unknown as Settings,
      bodySerializer: (body) => body as unknown as string,
      headers: { "content-type": json ? "application/json" : "application/yaml" },
    }),
  );
}

function Import(): ReactElement {
  const [text, setText] = useState("");
  const preview = useChange((document: string) => send(document, true), { showsError: true });
  const take = useChange((document: string) => send(document, false), {
    refreshes: ["/api/"],
    says: ({ message }) => message,
    showsError: true,
    done: ({ warnings }) => {
      for (const warning of warnings ?? []) toast.info(warning);
      preview.reset();
      setText("");
    },
  });
  const change = (next: string) => {
    setText(next);
    preview.reset();
    take.reset();
  };
  const error = take.error ?? preview.error;
  return (
    <Card
      title="Import"
      about="What the document names is put over what is set, all or nothing. What it does not name stays."
    >
      <div className="stack">
        <Field label="Document" hint="JSON or YAML, as a configuration file has it." error={error && messageOf(error)}>
          <TextArea mono rows={10} value={text} onChange={change} placeholder={'{ "providers": { … } }'} />
        </Field>
        <div className="row">
          <label className="button">
            <Icon name="upload" /> Choose a file
            <input
              type="file"
              className="sr-only"
              accept=".json,.yaml,.yml,application/json,application/yaml"
              onChange={(event) => {
                const [file] = event.target.files ?? [];
                if (file) void file.text().then(change);
                event.target.value = "";
              }}
            />
          </label>
          <Button disabled={text.trim() === ""} busy={preview.isPending} onClick={() => preview.mutate(text)}>
            Show what would change
          </Button>
          <Button
            kind="primary"
            disabled={!preview.data || preview.data.edits.length === 0}
            busy={take.isPending}
            onClick={() => take.mutate(text)}
          >
            Import
          </Button>
        </div>
        {preview.data && (
          <div role="status" className="stack-tight">
            {(preview.data.warnings ?? []).map((warning) => (
              <p key={warning} className="settings-note">
                <Icon name="warn" /> {warning}
              </p>
            ))}
            <Difference edits={preview.data.edits} />
          </div>
        )}
      </div>
    </Card>
  );
}
