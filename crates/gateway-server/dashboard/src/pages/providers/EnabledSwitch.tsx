import type { ReactElement } from "react";
import { api, call, useChange } from "../../api/client";
import { useMay } from "../../app/session";
import { Switch } from "../../parts";
import { ownerOf, type Provider } from "./health";

/** Lets calls go to a provider, or keeps them away. */
export function EnabledSwitch({ provider, withText }: { provider: Provider; withText?: boolean }): ReactElement {
  const { may } = useMay("operator");
  const change = useChange(
    (enabled: boolean) =>
      call(api.PUT("/api/providers/{provider}", { params: { path: { provider: provider.name } }, body: { enabled } })),
    {
      refreshes: ["/api/providers", "/api/models"],
      says: (_, enabled) => `${provider.name} ${enabled ? "takes calls again" : "is disabled: no call goes to it"}`,
    },
  );
  return (
    <Switch
      label={withText ? (provider.enabled ? "Enabled" : "Disabled") : `${provider.name} is enabled`}
      hideLabel={!withText}
      checked={change.isPending ? change.variables : provider.enabled}
      disabled={!may || change.isPending || ownerOf(provider).file !== undefined}
      onChange={(enabled) => change.mutate(enabled)}
    />
  );
}
