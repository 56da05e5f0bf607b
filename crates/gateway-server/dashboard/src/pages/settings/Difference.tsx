// What a change did to documents: field by field, or whole.

import type { ReactElement } from "react";
import type { components } from "../../api/client";
import { count } from "../../lib/format";
import { Badge, Empty, Icon } from "../../parts";

type Edit = components["schemas"]["Edit"];
type Field = components["schemas"]["FieldChange"];

const WORDS = {
  created: { word: "added", tone: "ok" },
  changed: { word: "changed", tone: "info" },
  deleted: { word: "removed", tone: "bad" },
} as const;

/** The documents that changed, each with its fields. */
export function Difference({ edits }: { edits: readonly Edit[] }): ReactElement {
  if (edits.length === 0) return <Empty title="Nothing changes" icon="check" />;
  return (
    <div className="stack">
      {edits.map((edit) => (
        <section key={`${edit.section} ${edit.name}`} className="settings-edit">
          <h3>
            <Badge tone={WORDS[edit.change].tone}>{WORDS[edit.change].word}</Badge> {sectionName(edit.section)}{" "}
            <span className="mono">{edit.name}</span>
          </h3>
          <div className="table-scroll">
            <table className="table table-dense settings-fields-table">
              <caption className="sr-only">
                Fields of {sectionName(edit.section)} {edit.name}
              </caption>
              <thead>
                <tr>
                  <th scope="col">Field</th>
                  <th scope="col">Before</th>
                  <th scope="col">After</th>
                </tr>
              </thead>
              <tbody>
                {edit.fields.map((field) => (
                  <tr key={field.path}>
                    <th scope="row" className="mono">
                      {field.path}
                    </th>
                    <td>
                      <Value of={field} which="before" change={edit.change} />
                    </td>
                    <td>
                      <Value of={field} which="after" change={edit.change} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ))}
      <p className="sr-only">{count(edits.length)} documents</p>
    </div>
  );
}

export function sectionName(section: string): string {
  return section.replaceAll("_", " ");
}

interface ValueProps {
  of: Field;
  which: "before" | "after";
  change: Edit["change"];
}

function Value({ of, which, change }: ValueProps): ReactElement {
  const absent = (which === "before" && change === "created") || (which === "after" && change === "deleted");
  if (of.secret && !absent) {
    return (
      <span className="soft">
        <Icon name="lock" size={12} /> {change === "changed" ? "not shown" : "a secret"}
      </span>
    );
  }
  const value = of[which];
  if (value === null || value === undefined) return <span className="faint">–</span>;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return <code className={which === "before" ? "settings-before" : "settings-after"}>{text}</code>;
}
