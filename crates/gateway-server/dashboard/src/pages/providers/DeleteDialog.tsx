import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { api, call, type components, query, useChange } from "../../api/client";
import { plural } from "../../lib/format";
import { ConfirmDialog, Loading } from "../../parts";
import type { Provider } from "./health";

type UsedBy = components["schemas"]["ProviderUses"];

/** Asks before a provider is deleted, naming who would notice. */
export function DeleteDialog({
  provider,
  onClose,
  onDone,
}: {
  provider: Provider;
  onClose: () => void;
  onDone: () => void;
}): ReactElement {
  const path = { params: { path: { provider: provider.name } } };
  const uses = useQuery(query("/api/providers/{provider}/uses", path));
  const remove = useChange(() => call(api.DELETE("/api/providers/{provider}", path)), {
    refreshes: ["/api/providers", "/api/models", "/api/health"],
    says: `${provider.name} is deleted`,
    showsError: true,
    done: onDone,
  });
  const breaks = uses.data ? consequences(uses.data) : undefined;
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Delete the provider ${provider.name}?`}
      action="Delete provider"
      {...(breaks && breaks.length > 0 && { typeToConfirm: provider.name })}
      onConfirm={() => remove.mutateAsync(undefined)}
    >
      <div className="stack">
        <p>
          Its {plural(provider.keys.length, "key")} and settings are gone for good; calls that are under way end as they
          would have. To keep everything and only stop calls, disable it instead.
        </p>
        {!breaks && !uses.error && <Loading lines={2} label="Looking who uses it…" />}
        {breaks && breaks.length === 0 && <p>Nothing names it.</p>}
        {breaks && breaks.length > 0 && (
          <div>
            <p>What would notice:</p>
            <ul className="providers-breaks">
              {breaks.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </ConfirmDialog>
  );
}

/** What deleting breaks, in sentences. */
export function consequences(uses: UsedBy): string[] {
  const told: string[] = [];
  const names = (all: { name: string }[]) => {
    const first = all.slice(0, 5).map(({ name }) => name);
    return all.length > 5 ? `${first.join(", ")} and ${all.length - 5} more` : first.join(", ");
  };
  const only = uses.virtual_keys.filter((key) => key.only);
  const others = uses.virtual_keys.filter((key) => !key.only);
  if (only.length > 0) told.push(`Virtual keys that list nothing else, so that all their calls fail: ${names(only)}`);
  if (others.length > 0) told.push(`Virtual keys that go on with their other providers: ${names(others)}`);
  if (uses.routing_rules.length > 0) told.push(`Routing rules that send calls there: ${names(uses.routing_rules)}`);
  if (uses.pricing_overrides.length > 0) told.push(`Prices that hold there: ${names(uses.pricing_overrides)}`);
  if (uses.model_configs.length > 0) told.push(`Limits of models there: ${names(uses.model_configs)}`);
  if (uses.has_limits) told.push("Its own limits");
  return told;
}
