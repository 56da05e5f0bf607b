import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { api, call, type components, query, useChange } from "../../api/client";
import { useMay } from "../../app/session";
import { Button, ConfirmDialog, Loading, Problem, Segments } from "../../parts";
import { LimitsForm, LimitsUse } from "../../parts/limits";

type Config = components["schemas"]["ModelConfig"];

const LIST = "/api/governance/model-configs";

/** What all calls to a model may spend and how many there may be: at this provider, and wherever it is served. */
export function ModelLimits({ provider, model }: { provider: string; model: string }): ReactElement {
  const configs = useQuery(query(LIST, { params: { query: { search: model, limit: 100 } } }));
  const { why } = useMay("operator");
  const [edited, setEdited] = useState<Config | "new">();
  const [removed, setRemoved] = useState<Config>();
  const remove = useChange((id: string) => call(api.DELETE(`${LIST}/{id}`, { params: { path: { id } } })), {
    refreshes: [LIST],
    says: "Limits deleted",
    showsError: true,
  });
  const fitting = configs.data?.model_configs.filter(
    (one) => one.model_name === model && (!one.provider || one.provider === provider),
  );
  return (
    <section aria-labelledby="models-limits">
      <div className="models-section-head">
        <h3 id="models-limits">Limits</h3>
        {edited === undefined && (
          <Button size="small" icon="plus" disabledBecause={why} onClick={() => setEdited("new")}>
            Set limits
          </Button>
        )}
      </div>
      {configs.error && <Problem error={configs.error} onRetry={() => void configs.refetch()} />}
      {configs.isPending && <Loading lines={2} />}
      {fitting?.length === 0 && edited === undefined && (
        <p className="soft">None of its own: calls are bounded by the limits of keys, teams and providers.</p>
      )}
      {fitting?.map((config) =>
        edited !== "new" && edited?.id === config.id ? (
          <Form key={config.id} known={config} provider={provider} model={model} onDone={() => setEdited(undefined)} />
        ) : (
          <div key={config.id} className="models-limit">
            <div className="models-section-head">
              <span className="soft small">{config.provider ? `At ${config.provider}` : "At every provider"}</span>
              <span className="row">
                <Button size="small" kind="quiet" icon="edit" disabledBecause={why} onClick={() => setEdited(config)}>
                  Edit
                </Button>
                <Button size="small" kind="quiet" icon="trash" disabledBecause={why} onClick={() => setRemoved(config)}>
                  Delete
                </Button>
              </span>
            </div>
            <LimitsUse limits={config} of={model} />
          </div>
        ),
      )}
      {edited === "new" && <Form provider={provider} model={model} onDone={() => setEdited(undefined)} />}
      {removed && (
        <ConfirmDialog
          open
          onClose={() => setRemoved(undefined)}
          title={`Delete these limits of ${model}?`}
          action="Delete limits"
          onConfirm={() => remove.mutateAsync(removed.id)}
        >
          Calls to it are no longer bounded by them, and what was used of them is forgotten.
        </ConfirmDialog>
      )}
    </section>
  );
}

interface FormProps {
  known?: Config;
  provider: string;
  model: string;
  onDone: () => void;
}

function Form({ known, provider, model, onDone }: FormProps) {
  const [where, setWhere] = useState<"here" | "everywhere">("here");
  const at = where === "here" ? { provider } : {};
  return (
    <div className="models-limit">
      <LimitsForm
        limits={known}
        save={(limits) =>
          known
            ? call(api.PUT(`${LIST}/{id}`, { params: { path: { id: known.id } }, body: limits }))
            : call(api.POST(LIST, { body: { model_name: model, ...at, ...limits } }))
        }
        refreshes={[LIST]}
        onDone={onDone}
      >
        {!known && (
          <div>
            <Segments
              label="Where these limits hold"
              value={where}
              onChange={setWhere}
              options={[
                { value: "here", label: `At ${provider}` },
                { value: "everywhere", label: "At every provider" },
              ]}
            />
          </div>
        )}
      </LimitsForm>
    </div>
  );
}
